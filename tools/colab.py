"""Puts a badge and an install cell into every tutorial and component notebook, or refreshes them; a second run changes nothing.

    python tools/colab.py            # after a new notebook, or after `repository` in settings.ini has been set
    python tools/colab.py --check    # changes nothing; exit code 1 and the names if something is missing or old

`repository` is the project's GitHub address. It has none yet: OWNER_NOT_SET cannot be an account there (names have no underscore), so badges
lead nowhere, and never to somebody else, until it is set. Outputs that are stored, and the ids of other cells, stay as they are.
"""
import json
import sys
from configparser import ConfigParser
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("", "app", "bench", "tutorials")
MARK, TAG = "<!-- badge -->", "install"
BADGE = "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/{repository}/blob/main/{path})"
CELL = '''# install (Colab)
import sys
if "google.colab" in sys.modules:  # elsewhere this cell does nothing
    ![ -d /content/kernelfusion_nb ] || git clone --quiet --depth 1 https://github.com/{repository} /content/kernelfusion_nb
    %run /content/kernelfusion_nb/tools/colab_start.py {folder}'''


def notebooks():
    "Paths of all tutorials and component notebooks."
    return sorted(p for folder in FOLDERS for p in (ROOT / "nbs" / folder).glob("*.ipynb") if p.stem[0] not in "._")


def repository():
    config = ConfigParser(delimiters="=", interpolation=None)
    config.read(ROOT / "settings.ini", encoding="utf-8")
    return config["DEFAULT"]["repository"]


def badge(path):
    "The line of the title cell: the badge and the mark by which it is found again."
    return f"{BADGE.format(repository=repository(), path=path.relative_to(ROOT).as_posix())} {MARK}"


def install_cell(path):
    "The source of the install cell."
    return CELL.format(repository=repository(), folder=path.parent.relative_to(ROOT).as_posix())


def with_badge(source, line):
    "The title cell's source with `line` in place of the one that holds the mark, or else below the summary."
    lines = source.split("\n")
    if found := [i for i, text in enumerate(lines) if MARK in text]:
        return "\n".join([*lines[:found[0]], line, *lines[found[0] + 1:]])
    last = max((i for i, text in enumerate(lines) if text.startswith(">")), default=0)
    return "\n".join([*lines[:last + 1], "", line, *lines[last + 1:]])


def marked(notebook, path):
    "The notebook, changed in place, with badge and install cell. ValueError if it has no title."
    cells = notebook["cells"]
    title = next((i for i, c in enumerate(cells) if c["cell_type"] == "markdown" and "".join(c["source"]).startswith("# ")), None)
    if title is None:
        raise ValueError(f"{path.name}: no markdown cell begins with '# '")
    holder = next((c for c in cells if c["cell_type"] == "markdown" and MARK in "".join(c["source"])), cells[title])
    holder["source"] = with_badge("".join(holder["source"]), badge(path)).splitlines(keepends=True)
    installs = [c for c in cells if TAG in c["metadata"].get("tags", [])]
    if not installs:
        installs = [dict(cell_type="code", id=f"{path.stem.replace('_', '-')}-{TAG}", metadata=dict(tags=[TAG]), execution_count=None, outputs=[], source=[])]
        cells.insert(title + 1, installs[0])
    installs[0]["source"] = install_cell(path).splitlines(keepends=True)
    return notebook


def main(check=False):
    "Marks every notebook (or only looks); the names of those that changed (or would)."
    changed = []
    for path in notebooks():
        text = path.read_text(encoding="utf-8")
        new = json.dumps(marked(json.loads(text), path), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
        if new != text:
            changed.append(path.relative_to(ROOT).as_posix())
            if not check:
                path.write_text(new, encoding="utf-8")
    return changed


if __name__ == "__main__":
    only = "--check" in sys.argv[1:]
    names = main(only)
    print("\n".join(names) or "every badge and install cell is as it should be")
    sys.exit(bool(names) and only)
