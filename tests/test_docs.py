"""The docs site: it builds without a warning, shows every notebook and every public name, and each of its addresses leads somewhere."""
import html
import os
import re
import subprocess
import sys
from importlib.util import find_spec

import pytest
from conftest import NOTEBOOKS, ROOT
from test_house import public_names

MISSING = [name for name in ("sphinx", "myst_nb", "sphinx_book_theme", "sphinx-mathjax-offline") if not find_spec(name)]
DOCS = ROOT / "tools" / "docs"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    "Folder of the site, built by what `make docs` calls, with the proxy set to an address at which nothing answers."
    if MISSING:
        pytest.skip(f"not installed: {', '.join(MISSING)} (make docs installs the extra `docs`)")
    folder = tmp_path_factory.mktemp("docs") / "site"
    nowhere = {f"{scheme}_proxy": "http://127.0.0.1:9" for scheme in ("http", "https", "HTTP", "HTTPS")}
    done = subprocess.run([sys.executable, DOCS / "build.py", folder], env={**os.environ, **nowhere}, capture_output=True, text=True)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    assert int(re.search(r"(\d+) addresses checked", done.stdout)[1]) > 1000
    return folder


def test_every_notebook_is_a_page(site):
    pages = {path: site / path.relative_to(ROOT).with_suffix(".html") for path in NOTEBOOKS}
    assert [path.name for path, page in pages.items() if not page.exists()] == []
    for page in pages.values():
        text = html.unescape(re.sub(r"<[^>]+>", "", page.read_text()))
        assert not re.search(r"^#\|", text, flags=re.M), f"{page.name}: a directive of nbdev is shown"


def test_every_public_name_is_in_the_reference(site):
    names = list(public_names())
    pages = {module: (site / "api" / f"{module}.html").read_text() for module, _ in names}
    assert [(module, name) for module, name in names if f'id="kernelfusion_nb.{module}.{name}"' not in pages[module]] == []


def test_the_gallery_has_pictures(site):
    text = (site / "gallery.html").read_text()
    assert {"Compare", "KernelPad"} <= set(re.findall(r'alt="(\w+), a picture of the widget"', text))


def test_equations_are_set_from_this_site(site):
    text = (site / "nbs" / "index.html").read_text()
    (script,) = re.findall(r'src="([^"]*mathjax[^"]*)"', text)
    assert not script.startswith("http") and (site / "nbs" / script.split("?")[0]).resolve().stat().st_size > 1_000_000


def test_links_finds_what_is_wrong(tmp_path):
    sys.path.insert(0, str(DOCS))
    try:
        from links import check
    finally:
        sys.path.remove(str(DOCS))
    (tmp_path / "a.html").write_text('<h1 id="here">a</h1><a href="b.html#there">b</a><a href="#here">a</a><a href="https://example.org">out</a>')
    (tmp_path / "b.html").write_text('<p id="there"></p><img src="data:image/png;base64,AAAA">')
    assert check(tmp_path) == (2, [])
    (tmp_path / "c.html").write_text('<a href="d.html">d</a><a href="a.html#gone">a</a><a href="../x">x</a><script src="https://example.org/x.js"></script>')
    assert check(tmp_path)[1] == ["c.html: loads https://example.org/x.js", "c.html: no anchor a.html#gone", "c.html: no file ../x", "c.html: no file d.html"]
