"""Fixtures of the browser tests: a JupyterLab of its own, and a headless Chromium in it."""
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
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
WIDTH, HEIGHT = 1000, 900


def chromium():
    "Path of a Chromium or Chrome on this machine, or None."
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)


def missing():
    "Why the browser tests cannot run here, or an empty string."
    from importlib.util import find_spec

    packages = [name for name in ("playwright", "anywidget", "jupyterlab") if not find_spec(name)]
    if packages:
        return f"not installed: {', '.join(packages)} (make test-browser installs the extra `browser`)"
    return "" if chromium() else "no chromium on the PATH (Debian: apt-get install chromium)"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def answers(url, process, seconds=90):
    "Waits until `url` answers; an error with the end of the log if the process ends or the time is up."
    for _ in range(seconds * 4):
        try:
            return urllib.request.urlopen(url, timeout=5).status == 200
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.25)
    raise RuntimeError(f"JupyterLab does not answer at {url}")


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    "(address, folder) of a JupyterLab that shares no settings, no data and no port with any other."
    reason = missing()
    if reason:
        pytest.skip(reason)
    home, port = tmp_path_factory.mktemp("jupyter"), free_port()
    work = home / "work"
    work.mkdir()
    folders = {f"JUPYTER_{kind}_DIR": str(home / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")}
    folders |= {"JUPYTERLAB_SETTINGS_DIR": str(home / "settings"), "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"), "IPYTHONDIR": str(home / "ipython")}
    options = ["--no-browser", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token=",
               f"--ServerApp.root_dir={work}", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
               *(["--allow-root"] if os.geteuid() == 0 else [])]
    env = {**os.environ, **folders, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    with open(home / "log", "w") as log:
        process = subprocess.Popen([sys.executable, "-m", "jupyterlab", *options], env=env, stdout=log, stderr=log)
    try:
        answers(f"http://127.0.0.1:{port}/api", process)
        yield f"http://127.0.0.1:{port}", work
    except RuntimeError as error:
        pytest.fail(f"{error}\n{(home / 'log').read_text()[-2000:]}")
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="session")
def browser(lab):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        chrome = play.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield chrome
        chrome.close()


@pytest.fixture
def open_notebook(lab, browser):
    "open_notebook(cells, theme) -> a page with a notebook of these cells, all of them run."
    address, work = lab
    contexts, errors, settings = [], [], work.parent / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True, exist_ok=True)

    def opened(cells, theme="light"):
        name = f"trial{len(list(work.glob('*.ipynb')))}.ipynb"
        code = [dict(cell_type="code", id=f"c{i}", metadata={}, execution_count=None, outputs=[], source=source) for i, source in enumerate(cells)]
        kernel = dict(kernelspec=dict(name="python3", display_name="python3", language="python"))
        (work / name).write_text(json.dumps(dict(cells=code, metadata=kernel, nbformat=4, nbformat_minor=5)))
        (settings / "themes.jupyterlab-settings").write_text(json.dumps({"theme": f"JupyterLab {theme.title()}"}))
        (settings / "notification.jupyterlab-settings").write_text(json.dumps({"fetchNews": "false", "checkForUpdates": False}))
        contexts.append(browser.new_context(viewport=dict(width=WIDTH, height=HEIGHT), color_scheme=theme))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{address}/lab/workspaces/{name[:-6]}/tree/{name}?reset", wait_until="domcontentloaded", timeout=120_000)
        idle(page)
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        return page

    yield opened
    for context in contexts:
        context.close()
    assert errors == []


def idle(page):
    "Waits for the status bar to say that the kernel is idle."
    page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for(timeout=180_000)
