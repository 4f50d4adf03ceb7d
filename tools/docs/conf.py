"""Sphinx's settings for the docs site; `build.py` calls it on the pages that it has laid into out/docs-src."""
import importlib
import re
import shutil
from importlib import metadata, util
from pathlib import Path

HERE = Path(__file__).resolve().parent
project, author, release = "kernelfusion_nb", "kernelfusion_nb contributors", metadata.version("kernelfusion_nb")
copyright = "kernelfusion_nb contributors, Apache-2.0"
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.mathjax"]
exclude_patterns = ["**.ipynb_checkpoints"]

# notebooks: what is stored is shown, nothing is run
nb_execution_mode = "off"
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_dmath_double_inline = True
myst_heading_anchors = 4
nb_merge_streams = True

# API: signatures as they are written; see `as_rst` for the docstrings
autodoc_preserve_defaults = True
autodoc_member_order = "bysource"
python_maximum_signature_line_length = 90
nitpicky = True
nitpick_ignore_regex = [("py:.*", ".*")]

# the site: MathJax from the folder _static, no font, script or picture from elsewhere
html_theme = "sphinx_book_theme"
html_title = "kernelfusion_nb"
html_static_path = [str(HERE / "static")]
html_css_files = ["docs.css"]
html_copy_source = html_show_sourcelink = False
html_theme_options = {"use_download_button": False, "use_fullscreen_button": False, "home_page_in_toc": True, "show_navbar_depth": 1,
                      "navigation_with_keys": False, "navbar_persistent": [], "pygments_light_style": "default", "pygments_dark_style": "github-dark"}
mathjax_path = "mathjax/tex-svg-full.js"  # one file that fetches no other
mathjax3_config = {"options": {"enableMenu": False}}

SECTION = re.compile(r"\bindex (\d(?:\.\d)?)((?:(?:, | and | to )\d(?:\.\d)?)*)")


def cited(match):
    "'index 3 to 5' with each number a link to that section of nbs/index."
    words = re.split(r"(\d(?:\.\d)?)", match[0])
    return "".join(f":ref:`{word} <index-{word}>`" if i % 2 else word for i, word in enumerate(words))


def inline(text):
    "One paragraph of a docstring as reStructuredText: nothing but code in backticks and sections of the index is marked up."
    parts = re.split(r"(`[^`]+`)", text)
    plain = [SECTION.sub(cited, re.sub(r"([\\*_|`])", r"\\\1", part)) for part in parts[::2]]
    code = [f"`{part}`" for part in parts[1::2]] + [""]
    space = ["\\ " if (a[-1:].isalnum() and b) else "" for a, b in zip(plain, code)]
    after = ["\\ " if (b and a[:1] not in (" ", "", ".", ",", ":", ";", ")", "\n", "-")) else "" for a, b in zip([*plain[1:], ""], code)]
    return "".join(a + s + b + e for a, s, b, e in zip(plain, space, code, after))


def parameters(path, name):
    "{parameter: comment beside it} of the function `name` of a module's file, where each parameter has a line of its own."
    text = Path(path).read_text(encoding="utf-8")
    head = re.search(rf"^def {re.escape(name)}\(\n(.*?)^\)", text, flags=re.M | re.S)
    return dict(re.findall(r"^    (\*{0,2}\w+).*?,  # (.*)$", head[1], flags=re.M)) if head else {}


def as_rst(app, what, name, obj, options, lines):
    "The docstrings are plain text: each paragraph is escaped, and the comments beside parameters become their description."
    lines[:] = ["\n".join(lines).strip("\n")]
    lines[:] = inline(lines[0]).split("\n") + [""]
    if what == "function":
        module, _, function = name.rpartition(".")
        found = parameters(importlib.import_module(module).__file__, function)
        lines += [f":param {key.replace('*', chr(92) + '*')}: {inline(comment)}" for key, comment in found.items()]


def finish(app, error):
    "Adds one file of MathJax, from the package sphinx-mathjax-offline; takes the theme's own templates away, which are no pages."
    if error is None:
        for template in (Path(app.outdir) / "_static").glob("*.html"):
            template.unlink()
        source = Path(util.find_spec("sphinx-mathjax-offline").origin).parent / "static" / mathjax_path
        target = Path(app.outdir) / "_static" / mathjax_path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


def setup(app):
    app.connect("autodoc-process-docstring", as_rst)
    app.connect("build-finished", finish)
