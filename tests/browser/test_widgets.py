"""The widgets in a real JupyterLab: mouse, keys, both themes. Run by `make test-browser`, not by `make test`.

With KERNELFUSION_SHOTS=FOLDER a picture of each widget in each theme is left there.
"""
import os
from pathlib import Path

from own_lab import browser, lab, open_notebook  # noqa: F401 (fixtures)

SAMPLES = """
from kernelfusion_nb.app.images import load
from kernelfusion_nb.app.kernels import make
from kernelfusion_nb.app.samples import degrade_photo, sample
from kernelfusion_nb.app.widgets import Compare
lr, hr = degrade_photo(load(sample("astronaut")), make("hollow", 2), 2)
"""
COMPARE = SAMPLES + "compare = Compare({'LR': lr, 'truth': hr, 'upside down': hr[::-1]}, height=360)\ncompare"


def shot(locator, name):
    "A picture of `locator` in the folder of KERNELFUSION_SHOTS, if there is one."
    if folder := os.environ.get("KERNELFUSION_SHOTS"):
        locator.screenshot(path=str(Path(folder, f"{name}.png")))


def ask(page, expression):
    "Evaluates a Python expression in the notebook's kernel: its repr. Typed into the last cell, which is a spare one."
    cell = page.locator(".jp-Notebook .jp-Cell").last
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    count = page.evaluate("window.kfCount = (window.kfCount || 0) + 1")
    page.keyboard.insert_text(f"print('<{count}', {expression}, '>')")
    page.keyboard.press("Control+Enter")
    output = cell.locator(".jp-OutputArea-output").filter(has_text=f"<{count} ")
    output.wait_for(timeout=30_000)
    return output.inner_text().strip().removeprefix(f"<{count} ").removesuffix(" >")


def middle(locator):
    "(x, y) of the middle of `locator` on the page."
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page, start, end):
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    page.mouse.move(*end)
    page.mouse.up()


def within(text, value, room):
    assert abs(float(text) - value) <= room, (text, value)


def test_compare(open_notebook):
    page = open_notebook([COMPARE, "1"])
    widget = page.locator(".kf-compare")
    widget.wait_for(timeout=60_000)
    stage, divider = widget.locator(".kf-stage"), widget.get_by_role("slider")
    box = stage.bounding_box()
    assert box["width"] > 500 and box["height"] == 360
    shot(widget, "compare-light")

    # the divider: by mouse, by keys
    drag(page, middle(divider), (box["x"] + 0.25 * box["width"], box["y"] + 100))
    within(ask(page, "compare.divider"), 0.25, 0.01)
    divider.focus()
    for key in ("ArrowRight", "ArrowRight", "Shift+ArrowRight", "ArrowLeft"):
        page.keyboard.press(key)
    within(ask(page, "compare.divider"), 0.36, 0.01)
    assert divider.get_attribute("aria-valuenow") == "36"

    # zoom: wheel about the pointer, keys, buttons; pan: drag, arrows
    fitted = stage.locator("img").first.bounding_box()
    point = fitted["x"] + 0.25 * fitted["width"], fitted["y"] + 0.25 * fitted["height"]
    page.mouse.move(*point)
    page.wait_for_timeout(400)
    page.mouse.wheel(0, -200)
    page.mouse.wheel(0, -200)
    page.wait_for_timeout(300)
    zoomed = stage.locator("img").first.bounding_box()
    assert zoomed["width"] > 2 * fitted["width"]
    within((point[1] - zoomed["y"]) / zoomed["height"], 0.25, 0.005)  # in height, where the image fills the view from the start
    zoom = float(ask(page, "compare.zoom"))
    within(zoom, zoomed["width"] / fitted["width"], 0.02)
    stage.focus()
    page.keyboard.press("+")
    within(ask(page, "compare.zoom"), 1.25 * zoom, 0.01)
    stage.focus()
    before = [image.bounding_box() for image in stage.locator("img").all()]
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    drag(page, (box["x"] + 500, box["y"] + 200), (box["x"] + 480, box["y"] + 190))
    after = [image.bounding_box() for image in stage.locator("img").all()]
    pixel = before[0]["width"] / 256
    for old, new in zip(before, after):
        within(new["x"] - old["x"], -box["width"] / 10 - 20, 2)
        within(new["y"] - old["y"], -pixel - 10, 1.5)
    assert stage.locator("img").first.evaluate("i => getComputedStyle(i).imageRendering") == "pixelated"
    shot(widget, "compare-light-zoomed")
    page.keyboard.press("0")
    within(ask(page, "compare.zoom"), 1, 0)
    widget.get_by_role("button", name="zoom in (key +)").click()
    within(ask(page, "compare.zoom"), 1.5, 1e-6)

    # the chooser and the other layout; all panels move together
    widget.get_by_label("image on the left").select_option("truth")
    assert ask(page, "compare.pair") == "('truth', 'LR')"
    widget.get_by_label("image on the right").select_option("upside down")
    assert ask(page, "compare.pair") == "('truth', 'upside down')"
    widget.get_by_role("button", name="all images side by side").click()
    assert ask(page, "compare.side_by_side") == "True" and stage.locator("img").count() == 3
    corners = stage.locator(".kf-panel").evaluate_all("ps => ps.map(p => p.querySelector('img').getBoundingClientRect().x - p.getBoundingClientRect().x)")
    assert max(corners) - min(corners) < 1.5
    shot(widget, "compare-light-side")

    # new images from Python
    ask(page, "compare.set_trait('images', {'a': hr[:128], 'b': hr[128:]})")
    page.wait_for_timeout(300)
    assert stage.locator(".kf-label").all_inner_texts() == ["a", "b"]


def test_compare_dark(open_notebook):
    page = open_notebook([COMPARE, "1"], "dark")
    widget = page.locator(".kf-compare")
    widget.wait_for(timeout=60_000)
    assert page.locator("body").get_attribute("data-jp-theme-light") == "false"
    widget.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    shot(widget, "compare-dark")
    shot(page, "page-dark")
    button = widget.get_by_role("button", name="whole image (key 0)")
    colours = button.evaluate("b => [getComputedStyle(b).color, getComputedStyle(b).backgroundColor]")
    light = [sum(map(float, c[c.index("(") + 1:-1].split(",")[:3])) for c in colours]
    assert light[0] > light[1] + 250, colours  # light letters on a dark button
