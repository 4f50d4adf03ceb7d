"""The widgets in a real JupyterLab: mouse, keys, both themes. Run by `make test-browser`, not by `make test`.

With KERNELFUSION_SHOTS=FOLDER a picture of each widget in each theme is left there.
"""
import json

import pytest
from own_lab import ROOT, ask, browser, drag, errors_of, finish, lab, middle, new_page, open_notebook, open_voila, shot, voila, within  # noqa: F401 (fixtures)

SAMPLES = """
from kernelfusion_nb.app.images import load
from kernelfusion_nb.app.kernels import make
from kernelfusion_nb.app.samples import degrade_photo, sample
from kernelfusion_nb.app.widgets import Compare, KernelPad
lr, hr = degrade_photo(load(sample("astronaut")), make("hollow", 2), 2)
"""
COMPARE = SAMPLES + "compare = Compare({'LR': lr, 'truth': hr, 'upside down': hr[::-1]}, height=360)\ncompare"
PAD = SAMPLES + "pad = KernelPad(2, image=hr)\npad"


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


def cell(grid, row, column, n=12):
    "Where the middle of a cell of the grid is on the page."
    grid.scroll_into_view_if_needed()
    box = grid.bounding_box()
    return box["x"] + (column + 0.5) * box["width"] / n, box["y"] + (row + 0.5) * box["height"] / n


def test_kernel_pad(open_notebook):
    page = open_notebook([PAD, "1"])
    widget = page.locator(".kf-pad")
    widget.wait_for(timeout=60_000)
    grid, facts, picture = widget.locator(".kf-grid"), widget.get_by_label("sum and centre of mass"), widget.locator("img")
    assert "nothing is painted" in facts.inner_text() and not picture.is_visible()

    # the mouse: a stroke has no gaps; shift and the right button erase
    drag(page, cell(grid, 2, 3), cell(grid, 8, 3))
    drag(page, cell(grid, 8, 3), cell(grid, 8, 8))
    assert facts.inner_text().startswith("sum 12.00")
    assert ask(page, "pad.weights.sum(), pad.weights[2:9, 3].min(), pad.weights[8, 3:9].min()") == "12.0 1.0 1.0"
    page.keyboard.down("Shift")
    drag(page, cell(grid, 8, 7), cell(grid, 8, 8))
    page.keyboard.up("Shift")
    page.mouse.click(*cell(grid, 2, 3), button="right")
    assert facts.inner_text().startswith("sum 9.00") and page.locator(".lm-Menu:visible").count() == 0
    picture.wait_for()
    assert picture.evaluate("i => [i.naturalWidth, i.naturalHeight]") == [128, 128]
    assert picture.bounding_box()["x"] > grid.bounding_box()["x"] + grid.bounding_box()["width"]  # beside the grid, at 1000 px too

    # the keys: arrows, space, with shift to erase; the brush
    brush = widget.get_by_label("weight of the brush")
    brush.focus()
    for _ in range(10):
        page.keyboard.press("ArrowLeft")
    grid.focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Space")
    assert facts.inner_text().startswith("sum 9.50")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    page.keyboard.press("Shift+Space")
    within(ask(page, "pad.weights.sum()"), 9.5, 1e-4)
    within(ask(page, "float(pad.kernel.sum())"), 1, 1e-6)
    assert page.locator(".jp-Notebook .jp-Cell").count() == 2  # the notebook took none of these keys for its own

    # the buttons and the zoo; what the preview shows is what Python degrades
    widget.get_by_role("button", name="move the centre of mass to the middle").click()
    facts.get_by_text("(5.50, 5.50), middle").wait_for()
    shot(widget, "pad-light-painted")
    widget.get_by_label("start from a kernel of the zoo").select_option("shake")
    widget.get_by_label("seed", exact=True).fill("3")
    page.keyboard.press("Tab")
    page.wait_for_timeout(500)
    within(ask(page, "float(abs(pad.kernel - make('shake', 2, seed=3)).max())"), 0, 1e-6)
    shot(widget, "pad-light")
    same = "bool((__import__('numpy').asarray(__import__('PIL.Image').Image.open(__import__('io').BytesIO(pad._preview))) == degrade_photo(load(hr), pad.kernel, 2)[0]).all())"
    assert ask(page, same) == "True"
    widget.get_by_role("button", name="set all weights to zero").click()
    facts.get_by_text("nothing is painted").wait_for()
    picture.wait_for(state="hidden")

    # from Python
    ask(page, "setattr(pad, 'kernel', make('l', 2, n=14))")
    facts.get_by_text("(6.50, 6.50), middle (6.5, 6.5)").wait_for()
    assert grid.get_attribute("aria-label") == "kernel, 14 by 14 weights"


def test_kernel_pad_dark(open_notebook):
    page = open_notebook([PAD, "pad.kernel = 'bicubic'", "1"], "dark")
    widget = page.locator(".kf-pad")
    widget.wait_for(timeout=60_000)
    widget.locator("img").wait_for()
    widget.locator(".kf-grid").focus()
    page.keyboard.press("ArrowRight")
    shot(widget, "pad-dark")
    shot(page, "page-pad-dark")


def test_the_lesson(open_notebook):
    "The notebook of the widgets runs from top to bottom in JupyterLab, draws both, and holds no widget state when it is saved."
    page = open_notebook(ROOT / "nbs/app/04_widgets.ipynb")
    cells = finish(page)
    assert errors_of(cells) == []
    shown = page.locator(".kf-compare, .kf-pad")
    assert shown.count() >= 1 and shown.first.is_visible()
    page.keyboard.press("Control+s")
    for _ in range(60):
        saved = json.loads(page.notebook.read_text())
        if any(cell.get("outputs") for cell in saved["cells"]):
            break
        page.wait_for_timeout(250)
    outputs = [output for cell in saved["cells"] for output in cell.get("outputs", [])]
    assert sum("application/vnd.jupyter.widget-view+json" in output.get("data", {}) for output in outputs) >= 2 and "widgets" not in saved["metadata"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_voila(open_voila, theme):
    "Both widgets without a notebook around them: drawn, and the kernel hears of a change."
    told = "from ipywidgets import Label\nlabel = Label('-')\npad.observe(lambda change: setattr(label, 'value', f'sum {pad.weights.sum():.2f}'), '_weights')\nlabel"
    page = open_voila([COMPARE, PAD, told], theme)
    pad = page.locator(".kf-pad")
    pad.wait_for(timeout=120_000)
    page.locator(".kf-compare").get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    drag(page, cell(pad.locator(".kf-grid"), 2, 3), cell(pad.locator(".kf-grid"), 8, 3))
    page.get_by_text("sum 7.00", exact=True).wait_for(timeout=30_000)
    shot(page, f"voila-{theme}")
