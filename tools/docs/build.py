"""Builds the docs site from the notebooks and the package, without a network: `make docs`, or

    python tools/docs/build.py [out/docs]

1 lays the pages into out/docs-src: the notebooks without `#|` lines and hidden cells, the reference, the gallery, the landing page;
2 calls Sphinx on them, a warning being an error; 3 checks every address in what was built.
"""
import ast
import base64
import json
import re
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(HERE)]  # this working tree, and links.py

PARTS = {"Tutorials": "tutorials", "The method": "", "The tool": "app", "The evidence": "evidence", "Benchmarks": "bench", "Research": "research"}
GALLERY = {"app/04_widgets": ["Compare", "KernelPad"], "app/12_watch": ["watch", "app"], "app/05_result": ["Result"],
           "app/10_explore": ["explore_schedule", "explore_patches", "fit_inr"], "app/11_explore_kernel": ["explore_spectrum", "wrong_kernel"]}


def notebooks(part):
    "Paths of the notebooks of one part of the site, below nbs/, in reading order; the index first."
    folder = ROOT / "nbs" / part
    found = folder.rglob("*.ipynb") if part == "research" else folder.glob("*.ipynb")
    found = [p for p in found if not any(name[0] in "._" for name in p.relative_to(ROOT).parts)]
    return sorted(found, key=lambda p: (p.stem != "index", p))


def shown(cell):
    "The cell as the site shows it, or None: no directives, nothing hidden, no badge (its picture is Colab's) and no install cell."
    source, tags = "".join(cell["source"]), cell["metadata"].get("tags", [])
    if cell["cell_type"] == "code":
        if re.search(r"^#\| *hide\b", source, flags=re.M) or "install" in tags:
            return None
        source = re.sub(r"^#\|.*\n?", "", source, flags=re.M).strip("\n")
        if not source and not cell["outputs"]:
            return None
    else:
        source = re.sub(r"^.*<!-- badge -->\n*", "", source, flags=re.M)
        if not source.strip():
            return None
    return {**cell, "source": source}


def title(path):
    "The first heading of a notebook."
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return next((m[1] for c in cells if (m := re.match(r"# (.+)", "".join(c["source"]))) and c["cell_type"] == "markdown"), path.stem)


def lay_notebook(path, source):
    "Writes one notebook below the folder `source`; sections of the index get the names by which docstrings cite them."
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["cells"] = [cell for cell in map(shown, notebook["cells"]) if cell]
    if path == ROOT / "nbs" / "index.ipynb":
        for cell in notebook["cells"]:
            if cell["cell_type"] == "markdown":
                cell["source"] = re.sub(r"^(#{2,3} (\d(?:\.\d)?) )", r"(index-\2)=\n\1", cell["source"], flags=re.M)
    target = source / path.relative_to(ROOT)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(notebook), encoding="utf-8")


def modules():
    "(module as `app.solve`, path, its `__all__`) in the order of the notebooks' floors."
    package = ROOT / "kernelfusion_nb"
    for path in sorted(package.rglob("*.py"), key=lambda p: ({"kernelfusion_nb": 0, "app": 1, "bench": 2}.get(p.parent.name, 3), p.name)):
        if path.stem not in ("__init__", "_modidx"):
            found = [node.value for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__"]
            yield ".".join(path.relative_to(package).with_suffix("").parts), path, ast.literal_eval(found[0]) if found else []


def notebook_of(path):
    "The notebook from which a module is exported, below nbs/: `app/09_solve`."
    found = re.search(r"^# %% (?:\.\./)+nbs/(.+)\.ipynb", path.read_text(encoding="utf-8"), flags=re.M)
    return found and found[1]


def entry(module, name):
    "The lines of the reference for one public name."
    from importlib import import_module

    item = getattr(import_module(f"kernelfusion_nb.{module}"), name)
    if isinstance(item, type):
        return [f".. autoclass:: {name}", "   :members:", ""]
    if callable(item):
        return [f".. autofunction:: {name}", ""]
    value = repr(item)
    return [f".. py:data:: {name}", "", f"   ``{value if len(value) <= 100 else value[:97] + '...'}``", ""]


def lay_reference(source):
    "Writes api/index.rst and one page for each module."
    folder, floors = source / "api", {"": [], "app": [], "bench": []}
    folder.mkdir()
    for module, path, names in modules():
        if not names:
            continue
        floors[module.rpartition(".")[0]].append(module)
        lines = [f"kernelfusion_nb.{module}", "=" * 60, ""]
        if notebook := notebook_of(path):
            lines += [f"Explained, tried and tested in :doc:`{notebook} </nbs/{notebook}>`.", ""]
        lines += [f".. py:module:: kernelfusion_nb.{module}", "", f".. currentmodule:: kernelfusion_nb.{module}", ""]
        lines += [line for name in names for line in entry(module, name)]
        (folder / f"{module}.rst").write_text("\n".join(lines), encoding="utf-8")
    lines = ["Reference", "=" * 60, "", "Public names by module, with their signatures. A number after *index* is a section of :doc:`/nbs/index`.", ""]
    for floor, found in floors.items():
        heading = {"": "The method", "app": "The tool", "bench": "The evidence"}[floor]
        lines += [heading, "-" * 60, "", ".. toctree::", "   :maxdepth: 1", "", *(f"   {module}" for module in found), ""]
    (folder / "index.rst").write_text("\n".join(lines), encoding="utf-8")


def pictures(path, names):
    "{name: PNG as bytes} of the first picture a notebook stores in a cell that makes the widget, or uses a variable that holds it."
    found, owners = {}, {name: name for name in names}
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] != "code" or re.search(r"^#\| *export", source, flags=re.M):
            continue
        tagged = [tag[8:] for tag in cell["metadata"].get("tags", []) if tag.startswith("gallery:")]
        for variable, name in re.findall(rf"^(\w+) = .*?\b({'|'.join(names)})\(", source, flags=re.M):
            owners[variable] = name
        used = tagged or [owners[w] for w in re.findall(r"\b(\w+)\b(?=[.(\s]|$)", source, flags=re.M) if w in owners]
        image = next((o["data"]["image/png"] for o in cell["outputs"] if "image/png" in o.get("data", {})), None)
        for name in used[-1:] if image else []:
            found.setdefault(name, base64.b64decode("".join(image)))
    return found


def summary(module, name):
    "First sentence of a docstring."
    from importlib import import_module

    text = " ".join((getattr(import_module(f"kernelfusion_nb.{module}"), name).__doc__ or "").split("\n\n")[0].split())
    return re.split(r"(?<=\.) |(?<=[^.]): (?=ValueError)", text)[0]


def lay_gallery(source):
    "Writes gallery.md: each widget with the picture that its notebook stores."
    blocks, folder, public = [], source / "gallery", {module: names for module, _, names in modules()}
    folder.mkdir()
    for notebook, names in GALLERY.items():
        path = ROOT / "nbs" / f"{notebook}.ipynb"
        module = re.sub(r"/\d+_", ".", notebook)
        here = [name for name in names if path.exists() and name in public.get(module, [])]
        found = pictures(path, here) if here else {}
        for name in here:
            blocks += [f"## `{name}`", "", summary(module, name), ""]
            if name in found:
                (folder / f"{name}.png").write_bytes(found[name])
                blocks += [f"```{{image}} gallery/{name}.png", f":alt: {name}, a picture of the widget", ":class: gallery-picture", "```", ""]
            blocks += [f"[{title(path)}](nbs/{notebook}.ipynb), [reference](#kernelfusion_nb.{module}.{name})", ""]
    head = ["# Widgets", "", "> One call each, with any image. In JupyterLab, Notebook 7, Voila and Colab they can be moved; here each is the picture that `.picture()` gives.", ""]
    (source / "gallery.md").write_text("\n".join(head + blocks), encoding="utf-8")


def lay_index(source):
    "Writes index.md: the landing page, with the tutorials that there are, and the table of contents."
    text = (HERE / "index.md").read_text(encoding="utf-8")
    tutorials = [f"- [{title(p)}]({p.relative_to(ROOT)})" for p in notebooks("tutorials")]
    trees = ""
    for caption, part in PARTS.items():
        if found := [p.relative_to(ROOT).with_suffix("").as_posix() for p in notebooks(part)]:
            trees += "\n".join(["", "```{toctree}", ":hidden:", f":caption: {caption}", ":maxdepth: 1", "", *found, "```", ""])
    trees += "\n```{toctree}\n:hidden:\n:caption: Look up\n\ngallery\napi/index\n```\n"
    (source / "index.md").write_text(text.replace("@BEGIN@\n", "".join(line + "\n" for line in tutorials)) + trees, encoding="utf-8")


def lay(source):
    "Writes all pages, and what they show or offer, into the folder `source`."
    shutil.rmtree(source, ignore_errors=True)
    source.mkdir(parents=True)
    shutil.copytree(ROOT / "data", source / "data", ignore=shutil.ignore_patterns("__pycache__", "*.npy", "*.md"))
    for path in (p for part in PARTS.values() for p in notebooks(part)):
        lay_notebook(path, source)
        for name in re.findall(r"\]\(([^)#\s:]+\.(?!ipynb)\w+)\)", path.read_text(encoding="utf-8")):  # pictures, and files to read
            file = (path.parent / name).resolve()
            if file.is_file() and ROOT in file.parents:
                target = source / file.relative_to(ROOT)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, target)
    lay_reference(source)
    lay_gallery(source)
    lay_index(source)


def build(site, source, options=()):
    "Builds `site` by way of `source`; (addresses checked, faults). Sphinx's exit code other than 0 is the one fault."
    from sphinx.cmd.build import main

    from links import check

    shutil.rmtree(site, ignore_errors=True)
    lay(source)
    code = main(["-q", "-W", "--keep-going", "-c", str(HERE), "-d", str(source.parent / "docs-cache"), *options, str(source), str(site)])
    return check(site) if code == 0 else (0, [f"sphinx-build ended with {code}"])


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "out" / "docs").resolve()
    number, faults = build(target, target.parent / "docs-src")
    print("\n".join(faults) or f"{target}/index.html: {len(list(target.rglob('*.html')))} pages, {number} addresses checked")
    sys.exit(bool(faults))
