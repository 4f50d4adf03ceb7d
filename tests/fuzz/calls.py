"""Wrong arguments: `solve`, `plan_cost` and the command line with a value that cannot be, one argument at a time.

A case is a piece of JSON: the function, the argument's name, and its value as an expression of Python; or the words of a command line.
"""
import contextlib
import io
import json
import re

import numpy as np
import torch
from PIL import Image

import kernelfusion_nb.app.solve as module
from kernelfusion_nb.app.solve import plan_cost, solve
from kernelfusion_nb.app.cli import main
from kernelfusion_nb.solver import names

from .checkpoints import FREE, GIVEN, SEARCH, lr
from .oracle import Case, Wrong

ARGUMENTS = "image scale kernel kernel_size region preset device seed callback progress checkpoint checkpoint_every prior_cache strict".split()
VALUES = """None True False 0 -1 1 2 3 64 1.5 -0.5 1e-320 1e300 1e6 2**31 2**63 2**64 10**30 99999999999 nan inf -inf '' 'x' 'nan' '4' 'gaussian' b'x' '\\0' 'a\\0b' 'n'*300 'ä\\n\\n'
[] [1] [nan] (1,2,3,4) (0,0,16,16) (0,0,-1,10**9) (nan,0,1,1) [[]] {} {'x':1} set() object() print np.nan np.float32(2) np.int64(4) np.array(2) np.zeros(3) np.eye(7) np.eye(12)*nan
-np.eye(12) np.zeros((12,12)) np.eye(12)*1e300 np.eye(12)*1e-320 np.eye(12)-np.roll(np.eye(12),1)*0.999999999 np.eye(12,dtype=bool) np.eye(3000) torch.tensor(2) torch.eye(12) 1j""".split()
PICTURES = """np.zeros((0,0)) np.zeros((32,32,5),np.uint8) np.random.rand(32,32)*5 np.zeros((2,32,32,3)) np.full((32,32),nan) np.arange(1024).reshape(32,32) np.eye(32,dtype=complex) np.eye(32)>0
np.array([['x']*32]*32) np.array([[None]*32]*32) np.eye(32)*1e-30 np.eye(32)*5e-324 np.eye(2) np.eye(32,dtype='f8')*-1 torch.rand(3,32,32).to_sparse() torch.rand(32,32,requires_grad=True)
torch.rand(32,32,device='meta') torch.rand(32,32)>0.5 torch.rand(5,32,32) torch.zeros(32,32,dtype=torch.complex64)
torch.rand(32,32).half() Image.new('HSV',(32,32)) Image.new('YCbCr',(32,32)) Image.new('I',(32,32),10**6) Image.new('RGB',(0,0)) Image.new('La',(32,32)) Image.new('RGBX',(32,32)) [[0.5]*32]*32
np.ma.masked_all((32,32)) np.eye(32,dtype=np.float16) np.eye(32,dtype=np.longdouble) np.recarray((32,32),dtype=[('a','f4')]) np.eye(32).astype('M8[s]')""".split()
OPTIONS = "scale kernel-size region out truth kernel checkpoint checkpoint-every prior-cache preset device seed set".split()
WORDS = ["", "x", "nan", "inf", "-1", "0", "9", "1.5", "1e9", "99999999999999999999999", "true", "null", "[1]", "{}", "\udcff", "a" * 300, "a\0b", "ä", "missing/file.npy", "photo.png", "photo.png/x"]
NAMESPACE = {"np": np, "torch": torch, "Image": Image, "nan": float("nan"), "inf": float("inf")}


class Began(BaseException):
    "The training of an accepted call began: that is enough."


def settings_words(rng):
    "The value of an option --set."
    name = [*names(), "no_such", "prior", "width", "seed", "scale", "image", "device", "callback", "lr", ""][int(rng.integers(len(names()) + 10))]
    return f"{name}={WORDS[int(rng.integers(len(WORDS)))]}" if rng.random() < 0.95 else name


def base_for(name, value):
    "The other arguments: those under which the setting `name` has an effect."
    if name == "kernel":
        base = dict(GIVEN)
    elif name.startswith("unet_"):
        base = dict(prior_width=4, prior_steps=3, prior_batch=2, prior_crop=12, image_visits=2, image_model="unet", unet_widths=(4,), unet_iterations=1, unet_first_iterations=1, kernel=np.eye(12))
    else:
        base = dict(SEARCH if name in ("kernel_descents", "kernel_known", "kernel_coarse", "kernel_sparsity") else FREE)
    if name == "kernel_sparsity":
        base["kernel_descents"] = 2
    return base | {name: value}


class Calls:
    "A call with one wrong argument, refused before any training, or accepted."
    seconds = 5

    def names(self, case):
        own = [json.loads(case.data)["name"]] if case and b'"name"' in case.data else []
        return [*ARGUMENTS, *names(), "truth", "out", *own]

    def cases(self, rng, count):
        pick = lambda values: values[int(rng.integers(len(values)))]
        for number in range(count):
            if number % 3 == 2:
                option = pick(OPTIONS)
                words = [f"--{option}", *(settings_words(rng) if option == "set" else pick(WORDS) for _ in range(4 if option == "region" else 1))]
                what = {"words": words}
            else:
                name = pick([*ARGUMENTS * 2, *names(), "no_such"])
                what = {"call": ("solve", "plan_cost")[number % 2], "name": name, "value": pick(PICTURES if name == "image" and rng.random() < 0.7 else VALUES)}
            yield Case("calls", ".json", json.dumps(what).encode())

    def attempt(self, case, folder):
        what, self.training = json.loads(case.data), False
        path = folder / "photo.png"
        Image.fromarray(lr()).save(path)
        module.train_prior, module.reverse = self.began, self.began
        if "words" in what:
            return self.command(what["words"], folder)
        with np.errstate(all="ignore"):
            value = eval(what["value"], dict(NAMESPACE))
        arguments = dict(image=path, scale=2, device="cpu") | base_for(what["name"], value)
        shown = contextlib.redirect_stderr(io.StringIO()) if what["name"] == "progress" else contextlib.nullcontext()
        try:
            with shown:
                (solve if what["call"] == "solve" else plan_cost)(arguments.pop("image"), **{"progress": False} | arguments)
        except Began:
            return "accepted"
        except Exception as error:
            self.named(error, what)
            raise
        return "accepted"

    def named(self, error, what):
        "Raises Wrong where the refusal does not name the argument, or comes late."
        if self.training:
            raise Wrong(f"refused after the training began; {error}") from error
        if isinstance(error, ValueError) and what["name"] not in str(error):
            raise Wrong(f"the refusal does not name the argument {what['name']}; {error}") from error

    def began(self, run):
        "In the place of the training."
        self.training = True
        raise Began

    def command(self, words, folder):
        "The command line: exit code 2 and one line on stderr."
        said, base = io.StringIO(), [word for name, value in FREE.items() for word in ("--set", f"{name}={json.dumps(value)}")]
        argv = ["solve", "photo.png", "--scale", "2", "--quiet", "--device", "cpu", "--out", "out", *base, *words]
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
            try:
                code = main(argv)
            except Began:
                return "accepted"
            except SystemExit as end:
                code = end.code
        lines = [line for line in said.getvalue().splitlines() if not re.match(r"usage:|\s", line)]
        if self.training or code != 2:
            raise Wrong(f"exit code {code} for {words[0]}; {lines}")
        name = words[1].partition("=")[0] if words[0] == "--set" else words[0][2:]
        if len(lines) != 1 or not re.match(rf"kernelfusion solve: (--)?({'|'.join(map(re.escape, {*self.names(None), *OPTIONS, name}))})\b", lines[0]):
            raise Wrong(f"the command line's error does not begin with the argument's name {words[0]}; {lines}")
        return "refused"
