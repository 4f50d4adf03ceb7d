"""The explorers in a real JupyterLab: sliders by keys, a pixel by mouse and keys, a fit started and paused; both themes.

Run by `make test-browser`, not by `make test`. With KERNELFUSION_SHOTS=FOLDER a picture of each is left there.
"""
import pytest
from own_lab import ask, browser, errors_of, finish, lab, new_page, open_notebook, shot  # noqa: F401 (fixtures)

SCHEDULE = "from kernelfusion_nb.app.explore import explore_schedule\nlevels = explore_schedule()\nlevels"
PATCHES = """
from kernelfusion_nb.app.explore import explore_patches
from kernelfusion_nb.app.samples import sample
patches = explore_patches(sample("chelsea"))
patches.picker.pixel = 67, 72
patches
"""
FIT = """
from kernelfusion_nb.app.explore import fit_inr
from kernelfusion_nb.app.widgets import KernelPad
fit = fit_inr(KernelPad(2, "l"), updates=2000)
fit
"""


def source(page):
    "The address of the picture that is shown."
    return page.locator(".widget-image").last.get_attribute("src")


def changed(page, old):
    "Waits until another picture than `old` is shown, and gives its address."
    page.wait_for_function("old => [...document.querySelectorAll('.widget-image')].pop().src !== old", arg=old, timeout=30_000)
    return source(page)


def becomes(page, expression, wanted):
    "Asks until the answer is `wanted`: widgets' messages are handled in a thread beside that of the cells."
    for _ in range(30):
        if (answer := ask(page, expression)) == wanted:
            return
        page.wait_for_timeout(300)
    assert answer == wanted


def opened(open_notebook, cell, theme="light"):
    "A page with this cell's widget drawn, and a spare cell."
    page = open_notebook([cell, "1"], theme)
    assert errors_of(finish(page)) == []
    page.locator(".widget-image").last.wait_for(timeout=30_000)
    page.wait_for_timeout(500)
    return page


def output(page):
    return page.locator(".jp-OutputArea").first


def test_schedule(open_notebook):
    page = opened(open_notebook, SCHEDULE)
    first, level = source(page), page.get_by_role("slider").first
    level.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    changed(page, first)
    becomes(page, "levels.controls['t'].value", "203")
    page.wait_for_timeout(1500)  # a slider's message is handled beside the cell's: the picture comes after the value
    shown = "async size => (await (await fetch([...document.querySelectorAll('.widget-image')].pop().src)).blob()).size === size"
    page.wait_for_function(shown, arg=int(ask(page, "len(levels._image.value)")))  # the last picture has arrived
    image = page.locator(".widget-image").last
    assert image.evaluate("i => i.naturalWidth > 600") and image.bounding_box()["width"] <= output(page).bounding_box()["width"]
    shot(output(page), "schedule-light")


def test_patches(open_notebook):
    page = opened(open_notebook, PATCHES)
    stage, place = page.get_by_role("application"), page.get_by_label("chosen pixel")
    assert place.inner_text() == "row 67, column 72"
    box, old = stage.bounding_box(), source(page)
    page.mouse.click(box["x"] + 100.5 / 256 * box["width"], box["y"] + 180.5 / 256 * box["height"])
    old = changed(page, old)
    assert place.inner_text() == "row 180, column 100"
    becomes(page, "patches.picker.pixel", "(180, 100)")
    stage.focus()
    for key in ("ArrowUp", "ArrowLeft", "Shift+ArrowDown", "Shift+ArrowDown"):
        page.keyboard.press(key)
    old = changed(page, old)
    assert place.inner_text() == "row 195, column 99"
    becomes(page, "patches.picker.pixel", "(195, 99)")
    stage.click(position=dict(x=1, y=1))  # the patch stays inside
    assert place.inner_text() == "row 7, column 7"
    becomes(page, "patches.picker.pixel, not patches.error", "(7, 7) True")
    assert stage.locator("rect").count() == 14  # three and three near ones and the patch, each drawn twice
    stage.focus()
    for _ in range(8):
        page.keyboard.press("Shift+ArrowDown")
    shot(output(page), "patches-light")

    page.get_by_role("button", name="train a prior").click()
    page.get_by_role("button", name="pause").click()
    page.get_by_role("button", name="train on").wait_for(timeout=30_000)
    becomes(page, "patches.running, 0 < patches._training.index < 400, not patches.error", "False True True")
    shot(output(page), "patches-light-prior")
    assert page.locator(".jp-Notebook .jp-Cell").count() == 2  # the notebook took none of the keys for its own


def test_fit(open_notebook):
    page = opened(open_notebook, FIT)
    button = lambda name: page.get_by_role("button", name=name, exact=True)
    old = source(page)
    button("start").click()
    changed(page, changed(page, old))
    button("pause").click()
    page.wait_for_function("[...document.querySelectorAll('button')].some(b => b.textContent === 'start' && !b.disabled)", timeout=30_000)
    count = int(ask(page, "fit.fits.count"))
    assert 0 < count < 2000
    becomes(page, "fit.fits.count, fit.running, fit.fits.errors['siren'][-1] < fit.fits.errors['siren'][0]", f"{count} False True")
    shot(output(page), "fit-light")
    page.locator(".kf-grid").click(position=dict(x=200, y=60))  # a stroke: back to the start, paused as it was
    page.wait_for_timeout(500)
    becomes(page, "fit.fits.count, fit.running, not fit.error", "0 False True")
    button("start").click()
    page.wait_for_timeout(1000)
    button("reset").click()
    becomes(page, "fit.fits.count, fit.running, not fit.error", "0 False True")


@pytest.mark.parametrize("name, cell", [("schedule", SCHEDULE), ("patches", PATCHES), ("fit", FIT)])
def test_dark(open_notebook, name, cell):
    page = opened(open_notebook, cell, "dark")
    shot(output(page), f"{name}-dark")
    shot(page, f"page-{name}-dark")
