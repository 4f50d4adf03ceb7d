"""The first tutorial as somebody meets it: opened in JupyterLab, all cells run, top to bottom."""
import pytest
from own_lab import ROOT, browser, errors_of, finish, lab, new_page, open_notebook, shot  # noqa: F401 (fixtures)

QUICKSTART = ROOT / "nbs" / "tutorials" / "01_quickstart.ipynb"


@pytest.mark.skipif(not QUICKSTART.exists(), reason="nbs/tutorials/01_quickstart.ipynb is not there")
def test_quickstart(open_notebook):
    page = open_notebook(QUICKSTART)
    cells = finish(page, seconds=300)
    assert errors_of(cells) == [] and all(cell["execution_count"] for cell in cells)
    assert any("application/vnd.jupyter.widget-view+json" in output.get("data", {}) for cell in cells for output in cell["outputs"]), "no widget"
    widget = page.locator(".kf-compare").first
    for _ in range(40):  # JupyterLab draws the cells that are near the window
        if widget.count():
            break
        page.mouse.move(500, 500)
        page.mouse.wheel(0, 500)
        page.wait_for_timeout(300)
    widget.scroll_into_view_if_needed(timeout=30_000)
    assert widget.is_visible() and widget.get_by_role("slider").count() == 1
    words = page.locator(".widget-html").filter(has_text="took").first
    assert words.bounding_box()["height"] < 40, "the line beside the bar wraps"
    shot(page, "quickstart-light")
