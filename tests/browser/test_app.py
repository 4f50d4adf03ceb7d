"""The app in a real Voila: from an upload to a zip whose HR image opens at the right size; and by keyboard from a sample."""
import io
import json
import zipfile

import pytest
from own_lab import ROOT, browser, new_page, open_voila, shot, voila  # noqa: F401 (fixtures)
from PIL import Image

APP = """
from kernelfusion_nb.app.watch import app
app(prior_width=16, prior_steps=60, prior_batch=2, prior_crop=24, kernel_searches=1, kernel_descents=2, kernel_visits=6, image_visits=4, image_chains=1)
"""


def upload(page, path):
    "Gives the app a file, by the dialog that its button opens."
    with page.expect_file_chooser() as chooser:
        page.locator("button.jupyter-button", has_text="Upload a photograph").click()
    chooser.value.set_files(path)


def tall(page, name):
    "A picture of the whole page, which scrolls inside itself."
    page.set_viewport_size(dict(width=1000, height=2300))
    page.wait_for_timeout(500)
    shot(page, name)
    page.set_viewport_size(dict(width=1000, height=900))


def zipped(page):
    "The zip that the link hands over, opened, and its name."
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    return zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes())), download.value.suggested_filename


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_upload_to_zip(open_voila, tmp_path, theme):
    page = open_voila([APP], theme)
    run = page.locator("button.jupyter-button", has_text="Run")
    run.wait_for(timeout=180_000)
    page.get_by_text("x2: 128x128 → 256x256 px, about").wait_for(timeout=30_000)

    # what is no image is said in one line
    (tmp_path / "notes.txt").write_text("no image")
    upload(page, tmp_path / "notes.txt")
    page.get_by_role("alert").get_by_text("image: 'notes.txt' is no image file or is damaged").wait_for(timeout=30_000)

    # a photograph: its part by keys, another scale
    Image.open(ROOT / "data" / "coffee.png").crop((0, 0, 200, 160)).save(tmp_path / "my coffee.png")
    upload(page, tmp_path / "my coffee.png")
    page.get_by_label("photograph", exact=True).get_by_text("my coffee.png").wait_for(state="attached")
    page.get_by_text("x2: 128x128 → 256x256 px, about").wait_for(timeout=30_000)
    width = page.locator(".widget-slider", has_text="width").get_by_role("slider")
    width.focus()
    for _ in range(28):
        page.keyboard.press("ArrowLeft")
    page.get_by_text("x2: 100x128 → 200x256 px, about").wait_for(timeout=30_000)
    shot(page, f"app-{theme}-chosen")
    run.click()
    page.get_by_text("done; took").wait_for(timeout=300_000)
    page.get_by_role("link", name="Download").wait_for(timeout=60_000)
    page.locator(".kf-compare img").first.wait_for()
    tall(page, f"app-{theme}")
    file, name = zipped(page)
    assert name == "my_coffee_x2.zip"
    assert Image.open(io.BytesIO(file.read("my_coffee_x2/hr.png"))).size == (200, 256)
    assert json.loads(file.read("my_coffee_x2/report.json"))["size_lr"] == [128, 100]


def test_the_page_of_make_app(open_voila):
    "nbs/tutorials/app.ipynb itself: drawn without code, a sample ready to run, its expected time said."
    page = open_voila(ROOT / "nbs" / "tutorials" / "app.ipynb")
    page.locator("button.jupyter-button", has_text="Run").wait_for(timeout=180_000)
    page.get_by_label("photograph", exact=True).select_option("rocket")
    page.get_by_label("scale", exact=True).select_option("x4")
    page.get_by_text("x4: 64x64 → 256x256 px, about").wait_for(timeout=30_000)
    assert page.get_by_text("import app").count() == 0
    shot(page, "app-first")
