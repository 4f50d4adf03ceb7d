"""Colab: a badge and an install cell everywhere, an install that replaces nothing Colab has, and every tutorial beside Colab's old ipywidgets.

Colab itself cannot be had in a test. What differs there is stood in for by a virtual environment whose own ipywidgets and Pillow have Colab's
releases, with this environment's other packages behind.
"""
import json
import os
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location

import pytest
from conftest import NOTEBOOKS, ROOT

COLAB = {"torch": "2.11.0", "numpy": "2.0.2", "pillow": "11.3.0", "ipywidgets": "7.7.1", "matplotlib": "3.10.0"}
OLD = ["ipywidgets==7.7.1", "pillow==11.3.0", "widgetsnbextension==3.6.10", "jupyterlab-widgets==1.1.11", "ipython-genutils==0.2.0"]
TUTORIALS = [path for path in NOTEBOOKS if path.parent.name == "tutorials"]


def tool(name):
    "A script of tools/ as a module."
    spec = spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_badges_and_install_cells_are_as_the_script_makes_them():
    assert tool("colab").main(check=True) == [], "run: python tools/colab.py"


def test_every_tutorial_installs_before_it_imports():
    for path in TUTORIALS:
        cells = [c for c in json.loads(path.read_text())["cells"] if c["cell_type"] == "code"]
        sources = ["".join(c["source"]) for c in cells]
        (install,) = [i for i, c in enumerate(cells) if "install" in c["metadata"].get("tags", [])]
        assert not any("kernelfusion_nb" in source for source in sources[:install]), path.name


def test_marking_twice_changes_nothing_more():
    colab, path = tool("colab"), ROOT / "nbs" / "tutorials" / "01_new.ipynb"
    output = [{"output_type": "stream", "name": "stdout", "text": ["1\n"]}]
    plain = {"cells": [{"cell_type": "markdown", "id": "a", "metadata": {}, "source": ["# New\n", "\n", "> One line.\n", "\n", "Why."]},
                       {"cell_type": "code", "id": "b", "metadata": {}, "execution_count": None, "outputs": output, "source": ["print(1)"]}]}
    once = colab.marked(json.loads(json.dumps(plain)), path)
    assert colab.marked(json.loads(json.dumps(once)), path) == once
    assert [c["id"] for c in once["cells"]] == ["a", "01-new-install", "b"] and once["cells"][2] == plain["cells"][1]
    assert "".join(once["cells"][0]["source"]) == f"# New\n\n> One line.\n\n{colab.badge(path)}\n\nWhy."
    assert "nbs/tutorials/01_new.ipynb) <!-- badge -->" in colab.badge(path)
    with pytest.raises(ValueError, match="01_new.ipynb: no markdown cell begins"):
        colab.marked({"cells": plain["cells"][1:]}, path)


def test_colabs_releases_are_enough(settings):
    "None of what Colab has is too old for the package, or too new."
    from packaging.requirements import Requirement

    wanted = {r.name: r.specifier for r in map(Requirement, settings["DEFAULT"]["requirements"].split())}
    assert {name: version for name, version in COLAB.items() if not wanted[name].contains(version)} == {}


@pytest.fixture(scope="module")
def beside_old_widgets(tmp_path_factory):
    "The python of the virtual environment."
    folder = tmp_path_factory.mktemp("colab")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python, site = folder / "bin" / "python", next((folder / "lib").glob("python*/site-packages"))
    behind = [path for path in sys.path if path.endswith("site-packages")]
    (site / "behind.pth").write_text("\n".join([str(ROOT), *behind]) + "\n")
    done = subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:", "--disable-pip-version-check", "--retries", "1", *OLD], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"ipywidgets 7.7.1 and Pillow 11.3 are not to be had: {done.stderr.strip().splitlines()[-1]}")
    return python


def run(python, code, **env):
    "What `code` prints under `python`, from a folder that is not the project's."
    done = subprocess.run([python, "-c", code], env={**os.environ, **env}, cwd=os.path.dirname(python), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_old_releases_are_in_front(beside_old_widgets):
    assert run(beside_old_widgets, "import ipywidgets, PIL, kernelfusion_nb; print(ipywidgets.__version__, PIL.__version__)").split() == ["7.7.1", "11.3.0"]


def test_install_replaces_nothing(beside_old_widgets, tmp_path):
    "What `colab_start.py` hands to pip, tried with --dry-run: nothing that Colab has would be replaced."
    lines = run(beside_old_widgets, f"import sys; sys.path.insert(0, {str(ROOT / 'tools')!r}); import colab_start as c; print(c.held()); print(*c.command('held.txt'), sep='|')")
    held = dict(line.split("==") for line in lines.splitlines() if "==" in line)
    assert held.keys() == set(COLAB) and held["ipywidgets"] == "7.7.1" and held["pillow"] == "11.3.0"
    (tmp_path / "held.txt").write_text("".join(f"{name}=={version}\n" for name, version in held.items()))
    command = lines.splitlines()[-1].split("|")
    assert "-U" not in command and "--upgrade" not in command and command[-1] == str(ROOT)
    free = [word for word in command if word not in ("-c", "held.txt")]
    for words in (command, free):  # with what is held, and without: no requirement asks for another release
        report = [*words[:-1], "--dry-run", "--report", str(tmp_path / "report.json"), words[-1]]
        done = subprocess.run(report, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-3000:]
        would = {item["metadata"]["name"].lower().replace("_", "-") for item in json.loads((tmp_path / "report.json").read_text())["install"]}
        assert "kernelfusion-nb" in would and not would & COLAB.keys(), would


FAKE = """
import sys, types
output = types.ModuleType("google.colab.output")
output.enable_custom_widget_manager = lambda: print("widgets")
colab = types.ModuleType("google.colab"); colab.output = output
sys.modules.update({"google": types.ModuleType("google"), "google.colab": colab, "google.colab.output": output})
"""


def test_start(beside_old_widgets):
    "Where the package can be imported nothing is installed; widgets are let in, the folder is the notebook's, and the device is named."
    code = FAKE + f"sys.path.insert(0, {str(ROOT / 'tools')!r})\nimport os, colab_start\ncolab_start.main('nbs/app')\nprint(os.getcwd())"
    widgets, device, folder = run(beside_old_widgets, code).splitlines()
    assert widgets == "widgets" and folder == str(ROOT / "nbs" / "app") and device.startswith(("GPU: ", "No GPU: "))


def test_a_folder_of_that_name_is_no_installation(beside_old_widgets, tmp_path):
    "In Colab the clone lies beside the notebook: its folder alone must not pass for the package."
    (tmp_path / "kernelfusion_nb").mkdir()
    code = f"""
import sys
sys.path[:] = [{str(tmp_path)!r}, {str(ROOT / 'tools')!r}, *(p for p in sys.path if p != {str(ROOT)!r})]
sys.meta_path[:] = [f for f in sys.meta_path if "editable" not in repr(f).lower()]
import colab_start as c
class Done: returncode, stderr = 0, ""
c.subprocess.run = lambda command, **how: print(command[-1]) or Done
c.install()
"""
    assert run(beside_old_widgets, code).split() == [str(ROOT)]


EXECUTE = """
import sys, nbformat
from nbclient import NotebookClient
path, folder = sys.argv[1:]
nb = nbformat.read(path, 4)
NotebookClient(nb, timeout=900, kernel_name="python3", resources={"metadata": {"path": folder}}).execute()
code = [c for c in nb.cells if c.cell_type == "code" and c.source.strip()]
first, last = code[0].metadata.execution["iopub.execute_input"], code[-1].metadata.execution["shell.execute_reply"]
from dateutil.parser import parse
print((parse(last) - parse(first)).total_seconds())
"""


@pytest.fixture(scope="module")
def python(request):
    "That of the virtual environment, or where its old releases are not to be had, this one."
    try:
        return request.getfixturevalue("beside_old_widgets")
    except pytest.skip.Exception:
        return sys.executable


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda p: p.stem)
def test_tutorial(path, python, tmp_path):
    "From top to bottom, the install cell too, with ipywidgets 7.7 and Pillow 11.3; its seconds are printed (pytest -rP), for a bar of 180."
    env = {**os.environ, "JUPYTER_DATA_DIR": str(tmp_path), "JUPYTER_CONFIG_DIR": str(tmp_path), "IPYTHONDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run([python, "-c", EXECUTE, path, path.parent], env=env, capture_output=True, text=True, timeout=1200)
    assert done.returncode == 0, done.stderr[-4000:]
    print(f"{path.stem}: {float(done.stdout.split()[-1]):.0f} s")
