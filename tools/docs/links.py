"""Checks a built site: each relative address leads to a file and to an anchor in it, and no page loads anything from elsewhere.

    python tools/docs/links.py out/docs
"""
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADS = {("img", "src"), ("script", "src"), ("iframe", "src"), ("source", "src"), ("video", "src"), ("link", "href")}
NO_LOAD = {"canonical", "next", "prev", "search", "index", "author", "copyright"}  # of <link rel=>: addresses that are not fetched


class Page(HTMLParser):
    "`links`: (address, whether it is fetched with the page); `anchors`: what an address can point at."

    def __init__(self, path):
        super().__init__()
        self.links, self.anchors = [], set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.anchors |= {attrs[key] for key in ("id", "name") if attrs.get(key)}
        for key in ("href", "src"):
            if attrs.get(key) is not None:
                self.links.append((attrs[key], (tag, key) in LOADS and attrs.get("rel") not in NO_LOAD))


def check(site):
    "(number of addresses inside the site, list of faults as text) of every HTML page below the folder `site`."
    site, faults, count = Path(site).resolve(), [], 0
    pages = {path: Page(path) for path in site.rglob("*.html")}
    for path, page in pages.items():
        for link, fetched in page.links:
            parts = urlsplit(link)
            if parts.scheme in ("data", "mailto"):
                continue
            if parts.scheme or parts.netloc:
                faults += [f"{path.relative_to(site)}: loads {link}"] if fetched else []
                continue
            count += 1
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.is_file() or site not in target.parents:
                faults.append(f"{path.relative_to(site)}: no file {link}")
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors:
                faults.append(f"{path.relative_to(site)}: no anchor {link}")
    return count, sorted(set(faults))


if __name__ == "__main__":
    number, wrong = check(sys.argv[1])
    print("\n".join(wrong) or f"{number} addresses lead somewhere")
    sys.exit(bool(wrong))
