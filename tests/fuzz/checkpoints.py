"""Checkpoints and cached priors of tiny runs, damaged: a run that continues from one ends with the bytes of a whole run, or refuses it.

A case is a piece of JSON that says what is done to which file of which run, with places as shares of its length: so it outlives a change of the format.
"""
import hashlib
import json
import os
import shutil
import struct
from pathlib import Path

import numpy as np

from kernelfusion_nb.app.solve import plan_cost, solve

from .images import picture
from .oracle import Case, Wrong

PRIOR = dict(prior_width=4, prior_steps=3, prior_batch=2, prior_crop=12, image_visits=3, image_chains=1)
FREE = PRIOR | dict(kernel_model="free", kernel_rate=0.1, kernel_searches=0, kernel_visits=3)
SEARCH = PRIOR | dict(kernel_searches=1, kernel_descents=1, kernel_visits=3, kernel_known=False)
GIVEN = PRIOR | dict(kernel=np.eye(12))
RUNS = {  # the arguments, and the callback at which the run is interrupted
    "prior": (FREE, 2), "kernel": (FREE, 6), "image": (FREE, 9), "given": (GIVEN, 5), "tiled": (GIVEN | dict(image_tile=24), 14),
    "search": (SEARCH, 7), "begin": (SEARCH, 10),
}
VALUES = (None, True, -1, 0, 1, 2, 5, 10**9, 10**30, 1.5, -1e300, float("nan"), float("inf"), "", "x", "0", [], {}, [1], [[0] * 3], "../other/state.safetensors", "checkpoint.json",
          "state-0-0.safetensors", "state-9999999-9.safetensors", "\0", "n" * 300, {"x": 1})
TEXTS = "", "null", "[]", "{}", "[" * 100000, '{"fingerprint": 1}', "\ufeff{}", '{"a": 1' + "0" * 5000 + "}"
DTYPES = "F64", "F32", "F16", "BF16", "I64", "I8", "U8", "BOOL", "F8_E4M3", "X"


def lr():
    "A small photograph."
    ramp = np.add.outer(np.arange(32), np.arange(32)) % 13 * 15
    return (ramp + picture((32, 32)) % 60).astype(np.uint8)


def run(folder=None, name="prior", **more):
    "The hash of image and kernel of the run `name`."
    result = solve(lr(), 2, device="cpu", progress=False, **RUNS[name][0] | more, **({"checkpoint": folder} if folder else {}))
    return hashlib.sha256(result.tensor.numpy().tobytes() + result.kernel.tobytes()).hexdigest(), result.partial


def interrupted(name, folder):
    "Puts the checkpoint of an interrupted run into `folder`."
    left = [RUNS[name][1]]

    def stop(record):
        left[0] -= 1
        if left[0] == 0:
            raise KeyboardInterrupt
    assert run(folder, name, callback=stop)[1], name


def placed(tree, path, value):
    "`tree` with `value` at the path of keys; 'drop': without that key."
    *way, last = path
    for key in way:
        tree = tree[key]
    if value == "drop":
        del tree[last]
    else:
        tree[last] = value


def paths(tree, way=()):
    "All paths of keys in a tree of dicts and lists."
    if isinstance(tree, (dict, list)):
        for key in tree if isinstance(tree, dict) else range(min(len(tree), 2)):
            yield (*way, key)
            yield from paths(tree[key], (*way, key))


def header(data):
    "(header, bytes of the tensors) of a safetensors file."
    length = struct.unpack("<Q", data[:8])[0]
    return json.loads(data[8:8 + length]), data[8 + length:]


def edited(data, how, *what):
    "The bytes `data` after one edit."
    data, at = bytearray(data), int((what[0] if what and isinstance(what[0], float) else 0) * max(len(data) - 1, 0))
    if how == "text":
        return TEXTS[what[0]].encode()
    if how == "cut":
        return data[:at]
    if how == "put":
        data[at:at + len(what[1])] = bytes(what[1])
        return data
    if how == "set":
        tree = json.loads(data)
        placed(tree, *what)
        return json.dumps(tree).encode()
    head, rest = header(data)
    if how == "head":
        placed(head, *what)
    else:  # "numbers": of a tensor
        begin = head[what[0]]["data_offsets"][0]
        rest[begin:begin + 4] = struct.pack("<f", what[1])
    text = json.dumps(head).encode()
    return struct.pack("<Q", len(text)) + text + rest


def replaced(path, how):
    "What is no regular file, in the place of `path`."
    path.unlink(missing_ok=True)
    {"folder": path.mkdir, "fifo": lambda: os.mkfifo(path), "loop": lambda: path.symlink_to(path), "gone": lambda: None}[how]()


def chosen(rng, values):
    return values[int(rng.integers(len(values)))]


def edit_of(rng, path):
    "An edit of the file at `path`, as `edited` and `replaced` take it."
    data, kind = path.read_bytes(), rng.random()
    if kind < 0.1:
        return ["cut", float(rng.random())]
    if kind < 0.2:
        return ["put", float(rng.random() if rng.random() < 0.6 else rng.random() ** 8), rng.integers(256, size=int(rng.choice([1, 2, 8]))).tolist()]
    if kind < 0.25:
        return [chosen(rng, ("folder", "fifo", "loop", "gone"))]
    if path.suffix == ".json":
        if kind < 0.3:
            return ["text", int(rng.integers(len(TEXTS)))]
        return ["set", list(chosen(rng, list(paths(json.loads(data))))), "drop" if rng.random() < 0.15 else chosen(rng, VALUES)]
    head = header(data)[0]
    tensors = [name for name in head if name != "__metadata__"]
    if kind < 0.35:
        return ["put", 0.0, list(struct.pack("<Q", chosen(rng, (0, 1, 7, 8, 100, 2**20, 2**32, 2**63, 2**64 - 1))))]
    if kind < 0.5:
        return ["numbers", chosen(rng, tensors), chosen(rng, (0.0, 1.0, -1e30, float("nan"), float("inf"), 1e-40))]
    name, field = chosen(rng, tensors), chosen(rng, ("dtype", "shape", "data_offsets", None, "__metadata__"))
    if field == "__metadata__":
        return ["head", ["__metadata__"], chosen(rng, VALUES)]
    values = {"dtype": DTYPES, "shape": ([], [0], [1], [2**40, 2**40], [-1], "x"), "data_offsets": ([0, 0], [0, 4], [4, 0], [0, 2**62], [-4, 0], "x"), None: ("drop", {}, 1)}[field]
    return ["head", [name] + [field] * (field is not None), chosen(rng, values)]


class Checkpoints:
    "`plan_cost` and `solve` that continue from a damaged checkpoint."
    seconds = 30  # a run that begins anew takes its time

    def __init__(self, folder):
        self.folder, self.whole = Path(folder) / type(self).__name__, {}

    def names(self, case):
        return ["checkpoint"]

    def base(self, name):
        return self.folder / name

    def prepare(self):
        "The folder of each interrupted run, and the hashes of the whole runs; before the workers are forked."
        wholes = {}
        for name, (arguments, _) in RUNS.items():
            if name not in self.whole:
                interrupted(name, self.base(name))
                wholes[id(arguments)] = self.whole[name] = wholes.get(id(arguments)) or run(None, name)[0]

    def cases(self, rng, count):
        self.prepare() if count else None
        for number in range(count):
            folder = self.base(list(RUNS)[number % len(RUNS)])
            others = sorted(path for path in folder.iterdir() if path.suffix != ".json" and path.name[0] != ".")
            path = chosen(rng, [folder / "checkpoint.json", chosen(rng, others)])
            kind = path.name if path.suffix == ".json" else path.name.split("-")[0] + "-"
            yield Case("checkpoints", ".json", json.dumps({"run": folder.name, "file": kind, "edit": edit_of(rng, path)}).encode())

    def attempt(self, case, folder):
        what = json.loads(case.data)
        shutil.copytree(self.base(what["run"]), own := folder / "checkpoint")
        shutil.copytree(own, folder / "other")  # what a path may lead to, outside of the checkpoint
        for path in folder.glob("other/state-*"):
            path.rename(path.with_name("state.safetensors"))
        self.spoil(next(own.glob(what["file"] + "*")), what["edit"])
        return self.compare(own, what["run"], outside="../" in str(what["edit"][-1]) and "tensors" in what["edit"][1])

    def spoil(self, path, edit):
        if len(edit) == 1:
            return replaced(path, edit[0])
        path.write_bytes(edited(path.read_bytes(), *edit))

    def compare(self, own, name, outside):
        plan_cost(lr(), 2, device="cpu", checkpoint=own, **RUNS[name][0])
        found, partial = run(own, name)
        if partial or found != self.whole[name]:
            raise Wrong("other bytes than those of the whole run")
        if outside:
            raise Wrong("read a tensors file outside of the folder")
        return "the same bytes"


class Caches(Checkpoints):
    "`solve` with a damaged `prior_cache`: what is bad is trained anew."
    def names(self, case):
        return ["prior_cache"]

    def prepare(self):
        if not self.whole:
            self.whole["prior"] = run(None, "prior", prior_cache=self.folder / "cache")[0]

    def cases(self, rng, count):
        self.prepare() if count else None
        for number in range(count):
            path = next(self.base("cache").glob("prior-*.safetensors"))
            edit = edit_of(rng, path)
            file = chosen(rng, ("", "", ".lock")) if len(edit) == 1 else ""
            yield Case("caches", ".json", json.dumps({"file": file, "edit": edit}).encode())

    def attempt(self, case, folder):
        what = json.loads(case.data)
        shutil.copytree(self.base("cache"), own := folder / "cache")
        path = next(own.glob("prior-*.safetensors"))
        self.spoil(path.with_suffix(what["file"] or path.suffix), what["edit"])
        found = run(None, "prior", prior_cache=own)[0]
        if found != self.whole["prior"]:
            raise Wrong("other bytes than those of the whole run")
        return "the same bytes"
