"""The structure of the house: floors that point down, short chains of imports, names and lines that can be read."""
import ast
import re
from functools import lru_cache

import nbformat
import pytest
from conftest import NOTEBOOKS, ROOT
from test_sync import code_cells, directives, floor

PACKAGE = ROOT / "kernelfusion_nb"
FILES = {".".join(p.relative_to(PACKAGE).with_suffix("").parts): p for p in sorted(PACKAGE.rglob("*.py")) if p.stem not in ("__init__", "_modidx")}
WIDTH, CHAIN = 120, 7


def imported(module, everywhere=False):
    "Modules of the package that `module` imports, by its top-level statements, or `everywhere` in it."
    tree, found = ast.parse(FILES[module].read_text(encoding="utf-8")), set()
    for node in ast.walk(tree) if everywhere else tree.body:
        if not isinstance(node, ast.ImportFrom):
            continue
        inside = node.level or (node.module or "").split(".")[0] == "kernelfusion_nb"
        if not inside:
            continue
        here = module.split(".")[:-node.level] if node.level else []
        own = node.module.split(".")[0 if node.level else 1:] if node.module else []
        base = ".".join([*here, *own])
        found |= {base} if base in FILES else {".".join(filter(None, [base, a.name])) for a in node.names} & set(FILES)
    return found


@lru_cache
def chain(module):
    "The longest chain of top-level imports that begins at `module`, as a tuple of modules."
    return (module, *max((chain(other) for other in imported(module)), key=len, default=()))


def test_chains_are_short():
    longest = max((chain(module) for module in FILES), key=len)
    assert len(longest) <= CHAIN, " -> ".join(longest)


def test_floors_point_down():
    "The method imports neither tool nor evidence, the tool not the evidence; only the command line fetches `bench`, inside its function."
    assert [(m, other) for m in FILES for other in imported(m) if floor(other) > floor(m)] == []
    assert {(m, other) for m in FILES for other in imported(m, everywhere=True) if floor(other) > floor(m)} <= {("app.cli", "bench.suites")}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: str(p.relative_to(ROOT / "nbs").with_suffix("")))
def test_lines_fit(path):
    "No line of an exported cell is wider than a screen."
    wide = [line for c in code_cells(path) if {"export", "exporti"} & directives(c).keys() for line in c.source.splitlines() if len(line) > WIDTH]
    assert wide == []


def test_numbers_have_no_letters():
    for path in NOTEBOOKS:
        if path.parent.name in ("nbs", "app", "bench") and path.stem != "index":
            assert re.fullmatch(r"\d\d_[a-z_]+", path.stem), path.name
    for folder in {p.parent for p in NOTEBOOKS}:
        numbers = [p.stem[:2] for p in NOTEBOOKS if p.parent == folder and p.stem[:2].isdigit()]
        assert len(numbers) == len(set(numbers)), f"two notebooks of one number in {folder.name}"


def prose(path):
    "The markdown of a notebook."
    return "\n".join(c.source for c in nbformat.read(path, 4).cells if c.cell_type == "markdown")


def public_names():
    "(module, name) of every name in an `__all__`."
    for module, path in FILES.items():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
                yield from ((module, name) for name in ast.literal_eval(node.value))


def test_public_names_are_unique():
    seen = {}
    for module, name in public_names():
        seen.setdefault(name, []).append(module)
    assert {name: modules for name, modules in seen.items() if len(modules) > 1} == {}


def test_no_method_is_patched_onto_a_class():
    "Whole classes in a cell: no `Class.method = function`, whose name would leak."
    for module, path in FILES.items():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            targets = [t for n in (node.targets if isinstance(node, ast.Assign) else []) for t in ast.walk(n)]
            assert not any(isinstance(t, ast.Attribute) for t in targets), f"{module}: line {node.lineno}"


def test_docstrings_cite_what_is_there():
    "Docstrings cite sections of nbs/index.ipynb that exist, and no file outside the project."
    index = prose(ROOT / "nbs" / "index.ipynb")
    sections = set(re.findall(r"^#{2,3} (\d(?:\.\d)?)", "\n" + index, flags=re.M))
    for module, path in FILES.items():
        text = path.read_text(encoding="utf-8")
        assert "method.md" not in text and not re.search(r"\bmethod (section )?\d", text), module
        cited = {number for group in re.findall(r"\(index ([\d., toand]+)\)|: index ([\d.]+)", text) for part in group for number in re.findall(r"\d(?:\.\d)?", part)}
        assert cited <= sections, (module, cited - sections)


def test_readme_fits():
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 120 and max(map(len, lines)) <= WIDTH


def test_links_between_notebooks_lead_somewhere():
    for path in NOTEBOOKS:
        for target in re.findall(r"\]\(([^)#\s]+\.(?:ipynb|md|png|csv))\)", prose(path)):
            assert target.startswith("http") or (path.parent / target).exists(), f"{path.name}: {target}"


def test_no_toolkit_beside_the_requirements():
    "Lessons of method and tool run with what `pip install .` brings, and leave the number of threads to the user."
    for path in NOTEBOOKS:
        if path.parent.name in ("nbs", "app"):
            for cell in code_cells(path):
                assert not re.search(r"^\s*(from|import) (skimage|sklearn|cv2|torchvision)", cell.source, flags=re.M), path.name
                assert "set_num_threads" not in cell.source, path.name
