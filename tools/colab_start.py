"""What the cell `# install (Colab)` of a notebook runs, in Colab, from the clone that it has made.

    %run /content/kernelfusion_nb/tools/colab_start.py nbs/tutorials

Installs the package beside what Colab has: of that nothing is replaced, so nothing has to be restarted. Lets Colab draw widgets, goes to the
notebook's folder, and says on which device a solve will run.
"""
import importlib
import os
import subprocess
import sys
import tempfile
from importlib import metadata, util
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KEEP = ("torch", "numpy", "pillow", "ipywidgets", "matplotlib")  # held at the release that is there


def command(constraints):
    "pip's command line; `constraints`: a file with the releases that must stay."
    return [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-c", str(constraints), str(ROOT)]


def held():
    "The lines of that file. A release that the package could not do with makes pip fail, and is not replaced."
    there = {(dist.metadata["Name"] or "").lower() for dist in metadata.distributions() if dist.metadata}
    return "".join(f"{name}=={metadata.version(name)}\n" for name in KEEP if name in there)


def install():
    "Installs the package unless it can be imported. RuntimeError with pip's own words if pip fails."
    spec = util.find_spec("kernelfusion_nb")
    if spec and spec.origin:  # without: only a folder of that name, such as the clone, seen from beside it
        return
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "held.txt").write_text(held())
        done = subprocess.run(command(Path(folder, "held.txt")), capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"pip could not install kernelfusion_nb:\n{done.stderr[-2000:]}")
    importlib.invalidate_caches()


def device():
    "One line: the GPU's name, or where to switch one on."
    import torch

    if torch.cuda.is_available():
        return f"GPU: {torch.cuda.get_device_name()}"
    return "No GPU: a solve runs on the CPU. Runtime > Change runtime type > T4 GPU switches one on."


def main(folder):
    "Sets up Colab for a notebook of `folder`, a path below the project."
    install()
    try:
        from google.colab import output
        output.enable_custom_widget_manager()
    except ImportError:
        print("not in Colab: widgets are drawn by whatever this is")
    os.chdir(ROOT / folder)
    print(device())


if __name__ == "__main__":
    main(*sys.argv[1:])
