"""A `Result` alone in a cell, in a real JupyterLab: its widget in both themes, and the picture that a stored notebook keeps of it."""
import json

from own_lab import ask, browser, drag, lab, middle, new_page, open_notebook, shot, within  # noqa: F401 (fixtures)

RESULT = """
import numpy as np
import torch
from kernelfusion_nb.app.images import load
from kernelfusion_nb.app.kernels import make
from kernelfusion_nb.app.result import Result
from kernelfusion_nb.app.samples import degrade_photo, sample
from kernelfusion_nb.consistency import resize_bicubic

lr, hr = degrade_photo(load(sample("astronaut")), make("shake", 2), 2)
found = torch.from_numpy(hr / 127.5 - 1).permute(2, 0, 1)[None].float() * 0.97
seconds = dict(prior=12.25, reverse=41.5, total=53.75)
r = Result(load(lr), found, make("l", 2), 2, seconds=seconds, seed=3, preset="cpu", confidence=0.31, truth=hr,
           metrics=dict(gain=-0.42, psnr=23.06, psnr_bicubic=23.48, similarity=0.71))
r
"""


def parts(page):
    "(Compare, the page of kernel and facts) of the first result that is shown."
    compare, facts = page.locator(".kf-compare").first, page.locator(".kf-result").first
    compare.wait_for(timeout=60_000)
    facts.wait_for(timeout=60_000)
    return compare, facts


def test_result(open_notebook):
    page = open_notebook([RESULT, "r", "1"])
    compare, facts = parts(page)
    page.locator(".kf-compare").nth(1).wait_for()

    # all that is to be said is there, and in words
    for words in ("12x12, middle 5.5", "row 5.50, column 5.50", "0.31: low, the kernel is likely wrong", "-0.42 dB over bicubic (PSNR 23.06 dB)",
                  "53.8 (prior 12.2, reverse 41.5)", "preset cpu, seed 3", "Warning: Confidence 0.31", "Warning: PSNR 23.06 dB is below"):
        assert words in facts.inner_text().replace("\t", " "), words
    assert facts.get_by_role("rowheader", name="confidence").count() == 1 and facts.get_by_role("list", name="warnings").locator("li").count() == 2
    kernel = facts.get_by_role("img", name="kernel, 12 by 12 weights")
    assert kernel.evaluate("i => [i.naturalWidth, i.clientWidth, i.complete]") == [216, 216, True]
    table, box = facts.locator("table").bounding_box(), kernel.bounding_box()
    assert table["x"] > box["x"] + box["width"]  # beside the kernel, at 1000 px too
    assert facts.evaluate("f => f.scrollWidth <= f.clientWidth")

    # the images: by mouse and keys; two views of one widget
    assert [o.inner_text() for o in compare.get_by_label("image on the right").locator("option").all()] == ["bicubic", "HR -0.42 dB", "true HR"]
    box = compare.locator(".kf-stage").bounding_box()
    drag(page, middle(compare.get_by_role("slider")), (box["x"] + 0.25 * box["width"], box["y"] + 100))
    compare.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    within(ask(page, "r.widget().children[0].divider"), 0.26, 0.01)
    assert page.locator(".kf-compare").nth(1).get_by_role("slider").get_attribute("aria-valuenow") == "26"
    page.evaluate("scrollTo(0, 0)")
    compare.scroll_into_view_if_needed()
    shot(page, "result-light-page")
    facts.scroll_into_view_if_needed()
    shot(page, "result-light-facts")


def test_result_dark_and_stored(open_notebook):
    page = open_notebook([RESULT, "1"], "dark")
    compare, facts = parts(page)
    colours = facts.locator("td").first.evaluate("t => getComputedStyle(t).color"), facts.locator("th").first.evaluate("t => getComputedStyle(t).color")
    assert all(min(map(float, c[c.index("(") + 1:-1].split(",")[:3])) > 150 for c in colours), colours  # light letters
    facts.locator("li").last.scroll_into_view_if_needed()
    shot(page, "result-dark-page")

    # what the file keeps beside the widget: a picture, for all that have no widgets
    page.keyboard.press("Control+S")
    for _ in range(60):
        page.wait_for_timeout(500)
        if outputs := json.loads(page.notebook.read_text())["cells"][0]["outputs"]:
            break
    assert len(outputs) == 1 and {"image/png", "text/plain", "application/vnd.jupyter.widget-view+json"} == set(outputs[0]["data"])
    assert "".join(outputs[0]["data"]["text/plain"]).startswith("Result(x2, 128x128 -> 256x256 px")
