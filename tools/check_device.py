"""Does the solver do on a GPU what it does on the CPU? `python tools/check_device.py [DEVICE]` needs neither nbdev nor Jupyter; exit code 1 where a check fails. DEVICE: default cuda; cpu tries the script."""
import sys
import tempfile

import torch

from kernelfusion_nb import device as parts
from kernelfusion_nb import solve
from kernelfusion_nb.app.images import load
from kernelfusion_nb.app.kernels import make, similarity
from kernelfusion_nb.app.metrics import evaluate
from kernelfusion_nb.patch_model import PatchModel
from kernelfusion_nb.app.samples import degrade_photo, sample

SMALL = dict(preset="cpu", progress=False, prior_steps=150, kernel_searches=2, kernel_visits=10)


def noise(device):
    draw = lambda: parts.draw_noise((200, 500), torch.Generator().manual_seed(3), device)
    a, b = draw(), draw()
    return torch.equal(a, b) and abs(float(a.std()) - 1) < 0.02, f"std {float(a.std()):.4f}, repeatable {torch.equal(a, b)}"


def strips(device):
    "Strips against the whole, value and gradient, of a frozen prior."
    model = PatchModel(3, 16).to(device).requires_grad_(False)
    x = torch.randn(1, 3, 142, 94, generator=torch.Generator().manual_seed(0)).to(device).requires_grad_()
    values = []
    for limit in (10 ** 9, 80 * 32):
        y = parts.in_strips(lambda part: model.valid(part, 100), x, 7, limit)
        values += [y.detach(), *torch.autograd.grad(y.square().sum(), x)]
    off = max(float((a - b).abs().max() / a.abs().max()) for a, b in zip(values[:2], values[2:]))
    return off < 5e-3, f"largest difference {off:.1e} (TF32 allowed)"


def case(device, **more):
    kernel = make("hollow", 2)
    lr, hr = degrade_photo(load(sample("astronaut")), kernel, 2)
    result = solve(lr[32:96, 32:96], 2, device=device, **SMALL | more)
    return result, evaluate(result.array, hr[64:192, 64:192], lr[32:96, 32:96], 2)["gain"], similarity(result.kernel, kernel)


def solves(device):
    "The same case there and on the CPU: other noise, so near and not equal."
    (_, there, alike), (_, here, alike_here) = case(device), case("cpu")
    return abs(there - here) < 0.5, f"gain {there:+.2f} dB, similarity {alike:.3f}; on the CPU {here:+.2f}, {alike_here:.3f}"


def resumes(device):
    "Interrupted after the prior, continued from the checkpoint."
    with tempfile.TemporaryDirectory() as folder:
        def stop(step):
            if step["phase"] == "kernel":
                raise KeyboardInterrupt
        partial, _, _ = case(device, checkpoint=folder, callback=stop)
        whole, gain, _ = case(device, checkpoint=folder)
    return partial.partial and not whole.partial, f"gain {gain:+.2f} dB"


def unet(device):
    result, gain, _ = case(device, image_model="unet", unet_input="bicubic", unet_backprojection=0.01, image_visits=5, unet_iterations=4,
                           unet_first_iterations=20)
    return bool(torch.isfinite(result.tensor).all()), f"gain {gain:+.2f} dB"


def compiles(device):
    _, gain, _ = case(device, prior_compile=True)
    return True, f"gain {gain:+.2f} dB; a warning above says where there was no compiler"


def main(device):
    failed = 0
    for check in (noise, strips, solves, resumes, unet) + (() if device == "cpu" else (compiles,)):
        try:
            good, text = check(device)
        except Exception as error:
            good, text = False, f"{type(error).__name__}: {error}"
        failed += not good
        print(f"{check.__name__:10s} {'passed' if good else 'FAILED'}: {text}", flush=True)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:] or ["cuda"]))
