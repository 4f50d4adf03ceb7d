"""Every notebook's own cells, run one after the other on the exported module.

`nbdev-test` runs a notebook as it is written: its tests then see the functions that its own cells define. Here the exported cells are
replaced by the names of the module they were exported to, so that the tests exercise (and coverage measures) what users import.
Tutorials are run by test_colab.py.
"""
import importlib
import os
import signal
import sys

import pytest
from conftest import NOTEBOOKS, ROOT

EXPORTS = {"export", "exporti", "exports"}


def on_module(cells):
    "The cells of one notebook with each exported cell replaced by every name, private ones too, of its module."
    default = next((c.directives_["default_exp"] for c in cells if "default_exp" in c.directives_), None)
    for cell in cells:
        mark = EXPORTS & cell.directives_.keys()
        if mark:
            module = f"kernelfusion_nb.{cell.directives_[mark.pop()] or default}"
            importlib.import_module(module)
            cell.source = f"globals().update((k, v) for k, v in vars(__import__('sys').modules[{module!r}]).items() if not k.startswith('__'))"
    return cells


@pytest.fixture
def notebook_state(monkeypatch):
    "Whatever a notebook changes in the process is put back after it."
    kept = signal.getsignal(signal.SIGINT), os.getcwd(), list(sys.path)
    monkeypatch.setenv("IN_TEST", "1")
    yield
    signal.signal(signal.SIGINT, kept[0])
    os.chdir(kept[1])
    sys.path[:] = kept[2]
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


@pytest.mark.parametrize("path", [p for p in NOTEBOOKS if p.parent.name != "tutorials"], ids=lambda p: str(p.relative_to(ROOT / "nbs").with_suffix("")))
def test_notebook(path, notebook_state, request):
    from execnb.shell import CaptureShell
    from fastcore.nbio import dict2nb
    from nbdev.config import get_config
    from nbdev.test import nb_test_cells

    skip = get_config(ROOT).tst_flags.split()
    cells = on_module(nb_test_cells(path, skip_flags=skip, force_flags=request.config.getoption("--nb-flags").split()))
    os.chdir(path.parent)
    shell = CaptureShell(path, profile=False)
    try:
        shell.run_all(dict2nb({"cells": cells}), exc_stop=True, cell_timeout=600)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        pytest.fail(shell.prettytb(fname=path) or repr(error), pytrace=False)
