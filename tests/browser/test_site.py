"""The docs site in a browser: equations are set, and no page asks anything of another machine."""
import subprocess
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from threading import Thread

import pytest
from own_lab import ROOT, browser, new_page, shot  # noqa: F401 (fixtures)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    "Address of a server, on this machine, of the site that `make docs` builds."
    if not all(map(find_spec, ("sphinx", "myst_nb", "sphinx_book_theme", "sphinx-mathjax-offline"))):
        pytest.skip("the extra `docs` is not installed (make docs installs it)")
    folder = tmp_path_factory.mktemp("docs") / "site"
    done = subprocess.run([sys.executable, ROOT / "tools" / "docs" / "build.py", folder], capture_output=True, text=True)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_ask_for_nothing_from_elsewhere(site, new_page, theme):
    page, asked, refused = new_page(theme), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("response", lambda response: refused.append(response.url) if response.status >= 400 else None)
    for name in ("index", "gallery", "api/app.solve", "nbs/app/04_widgets", "nbs/index"):
        page.goto(f"{site}{name}.html", wait_until="load")
        page.locator("article h1").first.wait_for()
        shot(page, f"site-{name.replace('/', '-')}-{theme}")
    page.locator("mjx-container").first.wait_for(timeout=30_000)
    assert page.locator("mjx-container svg").count() > 50 and page.locator("mjx-merror").count() == 0
    assert page.locator("html").get_attribute("data-theme") == theme
    page.wait_for_timeout(1000)
    assert len(asked) > 20 and [url for url in asked if not url.startswith((site, "data:", "blob:"))] == [] and refused == []


def test_search_finds_a_page(site, new_page):
    page = new_page()
    page.goto(f"{site}search.html?q=conjugate", wait_until="load")
    page.locator("#search-results li a").first.wait_for(timeout=30_000)
    assert page.locator('#search-results a[href*="05_consistency"]').count() >= 1
