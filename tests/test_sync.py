"""Notebooks and modules agree, and both keep to the house rules (sizes, order of imports, clean outputs)."""
import ast
import os
import shutil
import subprocess
import sys

import nbformat
import pytest
from conftest import NOTEBOOKS, ROOT

MAX_CELL, MAX_CLASS = 25, 60
LABELS = [str(p.relative_to(ROOT / "nbs").with_suffix("")) for p in NOTEBOOKS]


def code_cells(path):
    return [c for c in nbformat.read(path, 4).cells if c.cell_type == "code"]


def directives(cell):
    "{name: arguments} of the `#| name arguments` lines of a cell."
    words = [line[2:].split() for line in cell.source.splitlines() if line.startswith("#|")]
    return {w[0].rstrip(":"): w[1:] for w in words if w}


def module_of(path):
    return next((d["default_exp"][0] for d in map(directives, code_cells(path)) if "default_exp" in d), None)


NUMBER = {module_of(p): index for index, p in enumerate(sorted(NOTEBOOKS)) if module_of(p)}  # reading order: 05 < 05a < 06


def test_modules_are_what_the_notebooks_export(tmp_path):
    "Exporting into an empty package gives the committed files, byte for byte: none edited by hand, none stale, none missing."
    here, there = ROOT / "kernelfusion_nb", tmp_path / "kernelfusion_nb"
    shutil.copytree(ROOT / "nbs", tmp_path / "nbs", ignore=shutil.ignore_patterns(".*", "_proc"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    there.mkdir()
    shutil.copy(here / "__init__.py", there)
    env = {k: v for k, v in os.environ.items() if k != "IN_TEST"}
    command = [sys.executable, "-c", "from nbdev.doclinks import nbdev_export; nbdev_export()"]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    want, have = ({str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*.py")} for folder in (there, here))
    assert sorted(want) == sorted(have), "modules without a notebook, or notebooks not exported"
    assert [n for n in want if want[n] != have[n]] == [], "run nbdev-export: these differ from their notebook"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=LABELS)
def test_outputs_are_clean(path):
    "No widget state, no stderr, no traceback, no execution counts in a committed notebook."
    nb = nbformat.read(path, 4)
    assert "widgets" not in nb.metadata, "run nbdev-clean: widget state is stored"
    for i, cell in enumerate(c for c in nb.cells if c.cell_type == "code"):
        where = f"{path.name}, code cell {i}"
        assert cell.execution_count is None, f"{where}: execution count; run nbdev-clean"
        for out in cell.outputs:
            assert not any("widget" in mime for mime in out.get("data", {})), f"{where}: a widget is stored"
            assert out.get("name") != "stderr", f"{where}: stderr is stored: {out.get('text')}"
            assert out.output_type != "error" or "raises-exception" in cell.metadata.get("tags", []), f"{where}: a traceback is stored"


def size_of(cell):
    "Lines of an exported cell that are code or comment, and whether it is one whole class."
    lines = [line for line in cell.source.strip().splitlines() if not line.startswith("#|")]
    body = [node for node in ast.parse("\n".join(lines)).body if not isinstance(node, (ast.Import, ast.ImportFrom))]
    return len([line for line in lines if line.strip()]), len(body) == 1 and isinstance(body[0], ast.ClassDef)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=LABELS)
def test_exported_cells_are_short(path):
    "A screen of code at most, or a whole class; data (dicts, field tables, an API's parameters) is as long as it is."
    long = []
    for cell in code_cells(path):
        if "export" in directives(cell):
            lines, whole = size_of(cell)
            functions = [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.FunctionDef)]
            longest = max((node.end_lineno - node.body[0].lineno for node in functions), default=0)
            if lines > MAX_CLASS or longest >= MAX_CELL:
                long.append(f"{lines} lines, longest body {longest + 1}: {cell.source.splitlines()[1]}")
    assert long == []


def modules_in(cell):
    "The project's modules that a cell imports."
    from IPython.core.inputtransformer2 import TransformerManager

    found = set()
    if not cell.source.startswith("%%"):
        for node in ast.walk(ast.parse(TransformerManager().transform_cell(cell.source))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            for parts in (name.split(".") for name in names):
                if parts[0] == "kernelfusion_nb" and len(parts) > 1:
                    found.add(owner(parts[1:]))
    return found


def owner(parts):
    "The module, as `app.kernels`, that a dotted name inside the package is, or was taken from."
    for name in (".".join(parts[:2]), parts[0]):
        if name in NUMBER:
            return name
    import kernelfusion_nb

    return getattr(getattr(kernelfusion_nb, parts[0], None), "__module__", "").removeprefix("kernelfusion_nb.")


def floor(module):
    "0 the method, 1 the tool (app), 2 the evidence (bench)."
    return ("app", "bench").index(module.split(".")[0]) + 1 if "." in module else 0


@pytest.mark.parametrize("path", [p for p in NOTEBOOKS if module_of(p)], ids=lambda p: str(p.relative_to(ROOT / "nbs").with_suffix("")))
def test_imports_point_down(path):
    """Exported cells import from notebooks with a lower number of their floor, and from lower floors.

    Other cells may look at a part with the tool, and only the command line fetches the floor above, inside a function.
    """
    own = module_of(path)
    for cell in code_cells(path):
        exported = "export" in directives(cell)
        for module in modules_in(cell) - {own, "", "bench.suites"}:
            lower = NUMBER[module] < NUMBER[own] if floor(module) == floor(own) else floor(module) < floor(own)
            assert lower or not exported and floor(module) <= max(1, floor(own)), f"{path.name} imports {module}"
