"""Fixtures of the browser tests: a JupyterLab and a Voila of their own, and one headless Chromium in front of both.

Import what a test needs: `from own_lab import lab, browser, open_notebook, voila, open_voila, shot, ask  # noqa: F401`.
However many modules do so, each server, the browser and its two contexts (light, dark) are started once.
"""
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
         "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"]  # nothing outside this machine is found
WIDTH, HEIGHT = 1000, 900
QUIET = {"apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False}}


def chromium():
    "Path of a Chromium or Chrome on this machine, or None."
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)


def missing(*packages):
    "Why the browser tests cannot run here, or an empty string."
    from importlib.util import find_spec

    packages = [name for name in ("playwright", "anywidget", *packages) if not find_spec(name)]
    if packages:
        return f"not installed: {', '.join(packages)} (make test-browser installs the extra `browser`)"
    return "" if chromium() else "no chromium on the PATH (Debian: apt-get install chromium)"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def answers(url, process, seconds=90):
    "Waits until `url` answers; an error if the process ends or the time is up."
    for _ in range(seconds * 4):
        try:
            return urllib.request.urlopen(url, timeout=5).status == 200
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.25)
    raise RuntimeError(f"nothing answers at {url}")


def environment(home):
    "The variables of a server that shares no settings and no data with any other; the notebooks import this working tree."
    folders = {f"JUPYTER_{kind}_DIR": str(home / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")}
    folders |= {"JUPYTERLAB_SETTINGS_DIR": str(home / "settings"), "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"), "IPYTHONDIR": str(home / "ipython")}
    return {**os.environ, **folders, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}


def serve(home, command, probe):
    "Starts `command`, waits for it, and returns a function that ends it."
    with open(home / "log", "w") as log:
        process = subprocess.Popen([sys.executable, "-m", *command], env=environment(home), stdout=log, stderr=log)

    def stop():
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()

    try:
        answers(probe, process)
    except RuntimeError as error:
        stop()
        pytest.fail(f"{error}\n{(home / 'log').read_text()[-2000:]}")
    return stop


def start_lab(home):
    "(address, folder, stop) of a JupyterLab."
    port, work = free_port(), home / "work"
    work.mkdir()
    options = ["--no-browser", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token=",
               "--ServerApp.disable_check_xsrf=True", f"--ServerApp.root_dir={work}", "--LabApp.expose_app_in_browser=True",
               "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate", *(["--allow-root"] if os.geteuid() == 0 else [])]
    address = f"http://127.0.0.1:{port}"
    return address, work, serve(home, ["jupyterlab", *options], f"{address}/api")


def start_voila(home):
    "(address, folder, stop) of a Voila that serves every notebook of the folder."
    port, work = free_port(), home / "work"
    work.mkdir()
    (work / "index.html").write_text("")
    options = ["--no-browser", "--Voila.ip=127.0.0.1", f"--port={port}", "--Voila.port_retries=0", "--VoilaConfiguration.allow_theme_override=YES",
               "--VoilaConfiguration.show_tracebacks=True", "--Voila.tornado_settings=disable_check_xsrf=True",  # so that a page that closes ends its kernel
               "--classic-tree", str(work)]
    address = f"http://127.0.0.1:{port}"
    return address, work, serve(home, ["voila", *options], f"{address}/")


def start_chrome():
    "A dict with the browser, its contexts by theme, the errors of their pages, and what ends it."
    from playwright.sync_api import sync_playwright

    play = sync_playwright().start()
    chrome = play.chromium.launch(executable_path=chromium(), args=FLAGS)
    return dict(chrome=chrome, contexts={}, errors=[], stop=lambda: (chrome.close(), play.stop()))


KEPT = pytest.StashKey()


def once(config, name, start):
    "What `start` returned the first time it was called for `name` in this session of pytest."
    kept = config.stash.setdefault(KEPT, {})
    if name not in kept:
        kept[name] = start()
        stop = kept[name]["stop"] if isinstance(kept[name], dict) else kept[name][-1]
        config.add_cleanup(stop)
    return kept[name]


def skip_without(*packages):
    if reason := missing(*packages):
        pytest.skip(reason)


@pytest.fixture(scope="session")
def lab(request, tmp_path_factory):
    "(address, folder) of a JupyterLab that shares no settings, no data and no port with any other."
    skip_without("jupyterlab")
    return once(request.config, "lab", lambda: start_lab(tmp_path_factory.mktemp("lab")))[:2]


@pytest.fixture(scope="session")
def voila(request, tmp_path_factory):
    "(address, folder) of a Voila: a notebook put into the folder is served at address/voila/render/NAME.ipynb."
    skip_without("voila")
    return once(request.config, "voila", lambda: start_voila(tmp_path_factory.mktemp("voila")))[:2]


@pytest.fixture(scope="session")
def browser(request):
    "The headless Chromium."
    skip_without()
    return once(request.config, "chrome", start_chrome)


@pytest.fixture
def new_page(browser):
    "new_page(theme) -> an empty page in the context of the theme, which keeps its cache; a script error in any page fails the test."
    pages = []

    def made(theme="light"):
        if theme not in browser["contexts"]:
            browser["contexts"][theme] = browser["chrome"].new_context(viewport=dict(width=WIDTH, height=HEIGHT), color_scheme=theme, accept_downloads=True)
        pages.append(browser["contexts"][theme].new_page())
        pages[-1].on("pageerror", lambda error: browser["errors"].append(str(error)))
        return pages[-1]

    yield made
    for page in pages:
        page.close()
    errors, browser["errors"][:] = list(browser["errors"]), []
    assert errors == []


def put(cells, folder):
    "The name under which a notebook stands in `folder`: `cells` is a list of sources, or the path of a notebook, which is copied without outputs."
    number = len(list(folder.glob("*.ipynb")))
    if isinstance(cells, (str, Path)):
        notebook, stem = json.loads(Path(cells).read_text()), Path(cells).stem
        for cell in notebook["cells"]:
            cell.update(dict(outputs=[], execution_count=None) if cell["cell_type"] == "code" else {})
    else:
        code = [dict(cell_type="code", id=f"c{i}", metadata={}, execution_count=None, outputs=[], source=source) for i, source in enumerate(cells)]
        kernel = dict(kernelspec=dict(name="python3", display_name="python3", language="python"))
        notebook, stem = dict(cells=code, metadata=kernel, nbformat=4, nbformat_minor=5), "trial"
    (folder / f"{stem}_{number}.ipynb").write_text(json.dumps(notebook))
    return f"{stem}_{number}.ipynb"


def end_kernels(address):
    "Ends every kernel of a JupyterLab: each holds some 300 MB."
    for kernel in json.load(urllib.request.urlopen(f"{address}/api/kernels", timeout=20)):
        urllib.request.urlopen(urllib.request.Request(f"{address}/api/kernels/{kernel['id']}", method="DELETE"), timeout=20)


@pytest.fixture
def open_notebook(lab, new_page):
    """open_notebook(cells, theme) -> a page of JupyterLab with a notebook of these cells, all of them run (started: see `finish`).

    `cells`: a list of sources, or the path of a notebook. `page.notebook` is the path of the notebook that is shown.
    """
    address, work = lab

    def opened(cells, theme="light", settings=QUIET):
        name = put(cells, work)
        for key, value in {"apputils-extension/themes": {"theme": f"JupyterLab {theme.title()}"}, **settings}.items():
            path = work.parent / "settings" / "@jupyterlab" / f"{key}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(value))
        page = new_page(theme)
        page.notebook = work / name
        page.goto(f"{address}/lab/workspaces/{name[:-6]}/tree/{name}?reset", wait_until="domcontentloaded", timeout=120_000)
        idle(page)
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        return page

    yield opened
    end_kernels(address)


@pytest.fixture
def open_voila(voila, new_page):
    "open_voila(cells, theme) -> a page of Voila with the outputs of these cells (a list of sources, or the path of a notebook)."
    (address, work), pages = voila, []

    def opened(cells, theme="light"):
        pages.append(new_page(theme))
        pages[-1].goto(f"{address}/voila/render/{put(cells, work)}?theme={theme}", wait_until="domcontentloaded", timeout=180_000)
        return pages[-1]

    yield opened
    for page in pages:
        page.close(run_before_unload=True)  # Voila then ends the kernel


def idle(page):
    "Waits for the status bar to say that the kernel is idle."
    page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for(timeout=180_000)


MODEL = "window.jupyterapp.shell.currentWidget.content.model.toJSON().cells.filter(c => c.cell_type === 'code' && c.source.length)"


def finish(page, seconds=240):
    "Waits until each code cell has run or one has failed, then for an idle kernel. The code cells with their outputs, as nbformat has them."
    done = f"() => {{const c = {MODEL}; return c.every(x => x.execution_count) || c.some(x => x.outputs.some(o => o.output_type === 'error'))}}"
    page.wait_for_function(done, timeout=1000 * seconds, polling=500)
    idle(page)
    return page.evaluate(MODEL)


def errors_of(cells):
    "The errors among the outputs of `finish`, as 'name: value'."
    return [f"{o['ename']}: {o['evalue']}" for cell in cells for o in cell["outputs"] if o["output_type"] == "error"]


def shot(locator, name):
    "A picture of `locator` (or of a page) in the folder of KERNELFUSION_SHOTS, if there is one."
    if folder := os.environ.get("KERNELFUSION_SHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
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
    "Presses the mouse at `start`, moves it to `end` by way of the middle, and lets go."
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    page.mouse.move(*end)
    page.mouse.up()


def within(text, value, room):
    assert abs(float(text) - value) <= room, (text, value)
