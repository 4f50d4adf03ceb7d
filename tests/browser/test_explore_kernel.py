"""Kernels moved by hand in a real JupyterLab: sliders by keys, painting by mouse, both themes. Run by `make test-browser`.

With KERNELFUSION_SHOTS=FOLDER a picture of each widget in each theme is left there.
"""
from own_lab import ask, browser, drag, lab, new_page, open_notebook, shot  # noqa: F401 (fixtures)
from test_widgets import cell

START = """
from kernelfusion_nb.app.explore_kernel import explore_spectrum, wrong_kernel
from kernelfusion_nb.app.images import load
from kernelfusion_nb.app.kernels import make
from kernelfusion_nb.app.samples import degrade_photo, sample
"""
WRONG = START + "w = wrong_kernel(sample('astronaut'), 2, 'hollow')\nw"
SPECTRUM = START + "lr, _ = degrade_photo(load(sample('astronaut')), make('hollow', 2), 2)\nw = explore_spectrum(lr, 2, 'gaussian', true_kernel='hollow')\nw"


def picture(page):
    "The one picture of a widget below its controls."
    image = page.locator(".jp-OutputArea-output .widget-image").first
    image.wait_for(timeout=120_000)
    page.wait_for_function("i => i.naturalWidth > 400", arg=image.element_handle())
    return image


def changed(page, image, before):
    "Waits until `image` shows another picture than `before`; its address."
    page.wait_for_function("([i, before]) => i.src !== before", arg=[image.element_handle(), before], timeout=30_000)
    return image.get_attribute("src")


def slider(page, name):
    "The handle of the slider of this name, which takes the keys."
    return page.locator(".widget-slider").filter(has=page.locator(".widget-label", has_text=name)).get_by_role("slider")


def says(page, expression, value):
    "Asserts that the kernel says `value` of an expression; a slider's last move may still be on its way."
    for _ in range(20):
        found = ask(page, expression)
        if found == value:
            return
        page.wait_for_timeout(250)
    assert found == value, expression


def press(page, name, key, times=1):
    slider(page, name).focus()
    for _ in range(times):
        page.keyboard.press(key)


def fits(page, image):
    "Nothing of the picture lies outside the cell."
    box, output = image.bounding_box(), page.locator(".jp-OutputArea-output").first.bounding_box()
    assert box["width"] > 350 and box["x"] + box["width"] <= output["x"] + output["width"] + 1, (box, output)


def try_wrong(page, theme):
    image = picture(page)
    fits(page, image)
    before = image.get_attribute("src")
    press(page, "widen", "ArrowRight", 4)
    changed(page, image, before)
    says(page, "round(w.controls['widen'].value, 2), w.gain < w.right_gain - 1, w.moving, w.error == ''", "1.2 True widen True")
    before = image.get_attribute("src")
    press(page, "turn", "ArrowLeft", 2)
    changed(page, image, before)
    says(page, "w.controls['turn'].value, w.moving", "-10.0 turn")
    shot(page.locator(".jp-OutputArea-output").first, f"wrong-{theme}")


def try_spectrum(page, theme):
    image, grid = picture(page), page.locator(".kf-pad .kf-grid")
    grid.wait_for(timeout=60_000)
    fits(page, image)
    assert slider(page, "turn").bounding_box()["x"] > grid.bounding_box()["x"] + grid.bounding_box()["width"]  # beside the pad at 1000 px
    first, before = float(ask(page, "w.loss")), image.get_attribute("src")

    # painting changes the spectrum
    drag(page, cell(grid, 2, 3), cell(grid, 9, 3))
    before = changed(page, image, before)
    page.wait_for_timeout(1000)
    painted = float(ask(page, "w.loss"))
    assert abs(painted - first) > 0.01
    says(page, "w.pad.weights[2:10, 3].min(), w.error == ''", "1.0 True")
    shot(page.locator(".jp-OutputArea-output").first, f"spectrum-{theme}-painted")

    # so do the zoo and a slider moved by keys; a shift leaves the number where it is
    page.get_by_label("start from a kernel of the zoo").select_option("hollow")
    says(page, "abs(w.loss - w.references['true kernel']) < 1e-5", "True")
    before, number = image.get_attribute("src"), ask(page, "round(w.loss, 6)")
    press(page, "right", "ArrowRight", 2)
    changed(page, image, before)
    says(page, "w.controls['right'].value, round(w.loss, 6)", f"2.0 {number}")
    press(page, "widen", "ArrowRight", 2)
    says(page, "round(w.controls['widen'].value, 2), w.loss > w.references['true kernel'] + .1", "1.1 True")
    shot(page.locator(".jp-OutputArea-output").first, f"spectrum-{theme}")

    # nothing painted: one line, and the picture stays
    before = image.get_attribute("src")
    page.get_by_role("button", name="set all weights to zero").click()
    page.get_by_role("alert").get_by_text("the painted weights sum to 0").wait_for()
    assert image.get_attribute("src") == before
    shot(page.locator(".jp-OutputArea-output").first, f"spectrum-{theme}-error")


def test_wrong_kernel(open_notebook):
    try_wrong(open_notebook([WRONG, "1"]), "light")


def test_wrong_kernel_dark(open_notebook):
    try_wrong(open_notebook([WRONG, "1"], "dark"), "dark")


def test_explore_spectrum(open_notebook):
    try_spectrum(open_notebook([SPECTRUM, "1"]), "light")


def test_explore_spectrum_dark(open_notebook):
    try_spectrum(open_notebook([SPECTRUM, "1"], "dark"), "dark")
