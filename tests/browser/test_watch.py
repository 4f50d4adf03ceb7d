"""A solve that is watched, in a real JupyterLab: start, pause, continue, stop, and back through what was kept."""
import pytest
from own_lab import ask, browser, lab, new_page, open_notebook, shot  # noqa: F401 (fixtures)

WATCH = """
import threading
from kernelfusion_nb.app.images import load
from kernelfusion_nb.app.kernels import make
from kernelfusion_nb.app.samples import degrade_photo, sample
from kernelfusion_nb.app.watch import watch
kernel = make("hollow", 2)
lr, hr = degrade_photo(load(load(sample("astronaut")).array()[40:136, 80:176]), kernel, 2)
small = dict(prior_width=16, prior_batch=2, prior_crop=24, kernel_searches=1, kernel_descents=2, kernel_visits=6, image_visits=4, image_chains=1)
"""
SEEN = WATCH + "w = watch(lr, 2, truth=hr, true_kernel=kernel, prior_steps={steps}, **small)\nw"


def waits(page, expression, tries=240):
    "Asks the kernel until the expression is true."
    for _ in range(tries):
        if ask(page, f"bool({expression})") == "True":
            return
        page.wait_for_timeout(500)
    raise AssertionError(f"never true: {expression}; {ask(page, 'w.state, w.error')}")


def test_watch(open_notebook):
    page = open_notebook([SEEN.format(steps=3000), "1"])
    button = lambda name: page.locator("button.jupyter-button", has_text=name)
    button("Start").wait_for(timeout=120_000)
    said = page.locator("[role=status]", has_text="x2: 48x48 → 96x96 px, about")
    said.wait_for()
    assert button("Start").is_enabled() and not button("Pause").is_enabled() and not button("Stop").is_enabled()

    # start, and once more: one solve; the cell is idle meanwhile
    button("Start").dblclick()
    page.get_by_text("mean squared error of the velocity").wait_for(timeout=120_000)
    assert ask(page, "sum(t.name == 'kernelfusion watch' for t in threading.enumerate())") == "1"

    # pause: nothing moves; continue: it does
    button("Pause").click()
    page.get_by_text("paused after this step").wait_for()
    page.wait_for_timeout(1500)
    step = ask(page, "w._story.now['step']")
    page.wait_for_timeout(1500)
    assert ask(page, "w._story.now['step']") == step and not button("Pause").is_enabled()
    shot(page, "watch-paused")
    button("Continue").focus()
    page.keyboard.press("Enter")
    waits(page, f"w._story.now['step'] > {step}")

    # the same cell run again shows the same solve
    assert ask(page, "watch(lr, 2, truth=hr, true_kernel=kernel, prior_steps=3000, **small) is w") == "True"

    # stop: a partial result within a step, and no thread is left
    button("Stop").click()
    page.get_by_text("stopped, so this result is partial").wait_for(timeout=60_000)
    assert ask(page, "w.result.partial, w.result.hr.size, sum(t.name == 'kernelfusion watch' for t in threading.enumerate())") == "True (96, 96) 0"
    assert button("Start").is_enabled()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_watch_to_the_end(open_notebook, theme):
    page = open_notebook([SEEN.format(steps=60), "1"], theme)
    page.locator("button.jupyter-button", has_text="Start").click(timeout=120_000)
    page.locator("[role=status]", has_text="done; took").wait_for(timeout=240_000)
    assert ask(page, "w.state, len(w.records), w.result.partial") == "done 23 False"
    slider = page.locator(".jupyter-widgets", has_text="step kept").last.get_by_role("slider")
    slider.focus()
    before = page.locator("img.widget-image, .widget-image img, img.jupyter-widgets").last.get_attribute("src")
    for _ in range(8):
        page.keyboard.press("ArrowLeft")
    page.get_by_text("step 15 of 23").wait_for()
    assert page.locator("img.widget-image, .widget-image img, img.jupyter-widgets").last.get_attribute("src") != before
    page.set_viewport_size(dict(width=1000, height=1600))
    page.wait_for_timeout(500)
    shot(page, f"watch-{theme}")
