"""Each setting means something: turned, it changes the bytes of the result; where it has no effect, it is refused."""
import dataclasses
import hashlib

import numpy as np
import pytest
import torch
from test_bytes import picture

from kernelfusion_nb import solve
from kernelfusion_nb.solver import PRESETS, Settings, flat, in_use, make_settings, names

CPU = torch.device("cpu")
PRIOR = dict(prior_width=4, prior_steps=3, prior_batch=2, prior_crop=12)
UNET = dict(unet_widths=[4, 8], unet_iterations=1, unet_first_iterations=1)
KERNEL = dict(kernel_model="free", kernel_rate=0.1, kernel_searches=0, kernel_visits=3)  # free logits begin at once
BASE = {  # small runs of each preset, and of the two other plans
    "cpu": (dict(preset="cpu"), PRIOR | KERNEL | dict(image_visits=2)),
    "fast": (dict(preset="fast"), PRIOR | KERNEL | dict(image_visits=2)),
    "paper": (dict(preset="paper"), PRIOR | UNET | dict(image_visits=2, unet_rate=1e-2, kernel_rate=1e-2)),
    "U-Net under the kernel": (dict(preset="cpu", image_model="unet"), PRIOR | UNET | KERNEL | dict(image_visits=2, unet_rate=1e-2)),
    "several descents": (dict(preset="cpu", scale=3, kernel_known=False), PRIOR | dict(kernel_searches=1, kernel_descents=2, kernel_visits=3, image_visits=2)),
    "weighed": (dict(preset="cpu"), PRIOR | dict(kernel_searches=1, kernel_descents=1, kernel_visits=2, image_visits=2)),
    "kernel given": (dict(preset="cpu", kernel=np.eye(12)), PRIOR | dict(image_visits=2)),
}
OTHER = {  # another value of each setting, where doubling it will not do
    "prior_model": "none", "prior_contrast": 0.5, "prior_crop": 16, "prior_t_max": 700,
    "kernel_model": "mlp", "kernel_average": 0.9, "kernel_spectral": 1.0, "kernel_searches": 2, "kernel_descents": 3, "kernel_coarse": False, "kernel_known": False, "kernel_window": 32,
    "image_model": "exact", "image_high": 150, "image_low": 4, "image_chains": 2, "image_rho": 0.5, "image_tile": 32, "unet_widths": [4, 4], "unet_applications": "first", "unet_share": False, "unet_input": "bicubic",
    "unet_backprojection": 0.1,
}


def digest(**arguments):
    "The hash of image and kernel of a run on a small picture."
    result = solve(picture("grey")[:32, :36].copy(), **dict(scale=2, device="cpu", progress=False) | arguments)
    return hashlib.sha256(result.tensor.numpy().tobytes() + result.kernel.tobytes()).hexdigest()


def other(key, value):
    "A value of the setting `key` that is not `value`."
    if key in OTHER and OTHER[key] != value:
        return OTHER[key]
    return {"unet": "exact", "exact": "dual"}.get(value, "dual") if isinstance(value, str) else value + 1 if isinstance(value, int) else 2 * value


def cases():
    for name, (fixed, small) in BASE.items():
        settings = {k: v for k, v in (fixed | small).items() if k in names()}
        made = make_settings(fixed["preset"], CPU, settings, given="kernel" in fixed)
        for key, value in flat(made, "kernel" in fixed).items():
            if name == "fast" and key not in PRESETS["fast"]:  # as under cpu
                continue
            if name == "weighed" and key != "kernel_known":
                continue
            if name == "several descents" and key not in ("kernel_searches", "kernel_descents", "kernel_sparsity", "kernel_coarse"):
                continue
            yield name, key, value


@pytest.fixture(scope="module", autouse=True)
def trusted():
    "U-Nets of so few updates explain the photograph worse than bicubic, which would be returned, whatever their settings: here the image is what was solved."
    from kernelfusion_nb import steps

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steps, "trust", lambda run, x: 1.0)
        yield


@pytest.fixture(scope="module")
def usual(trusted):
    return {name: digest(**fixed | small) for name, (fixed, small) in BASE.items()}


@pytest.mark.parametrize("name, key, value", [c for c in cases() if c[1] != "prior_compile"], ids=lambda v: str(v))
def test_turned_it_changes_the_bytes(name, key, value, usual):
    new, more = other(key, value), {}
    if key == "image_model" and new in ("unet", "dual") or key == "prior_model":
        more = {k: v for k, v in UNET.items() if k not in BASE[name][1]}
    small = {**BASE[name][0], **BASE[name][1], **more, key: new}
    given = "kernel" in small
    if key in ("image_model", "prior_model"):  # another model has other settings
        if key == "prior_model" and not given and small.get("image_model", "exact") != "dual" and name != "paper":
            small["image_model"] = "dual"
        if new == "exact":
            small |= KERNEL
        model = {k: small[k] for k in ("prior_model", "image_model") if k in small}
        small = {k: v for k, v in small.items() if k not in names() or k in in_use(make_settings(small["preset"], CPU, model, given), given)}
    assert digest(**small) != usual[name]


def test_compiling_is_asked_for(monkeypatch):
    "prior_compile changes speed, not meaning: it goes through torch.compile."
    seen = []
    monkeypatch.setattr(torch, "compile", lambda function, **options: seen.append(function) or function)
    fixed, small = BASE["kernel given"]
    digest(**fixed | small, prior_compile=True)
    assert len(seen) == 2  # in training, and in phase 2


@pytest.mark.parametrize("name", BASE)
def test_without_effect_it_is_refused(name):
    fixed, small = BASE[name]
    given, own = "kernel" in fixed, {k: v for k, v in fixed.items() if k in names()}
    settings = make_settings(fixed["preset"], CPU, own, given)
    for group in dataclasses.fields(Settings):
        for field in dataclasses.fields(group.type):
            key = f"{group.name}_{field.name}"
            if key not in in_use(settings, given):
                with pytest.raises(ValueError, match=f"^{key}=.*no effect"):
                    make_settings(fixed["preset"], CPU, own | {key: field.default}, given)
