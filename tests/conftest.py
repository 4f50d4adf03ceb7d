"""Shared by the tests: where things stand, which notebooks there are, and the option that turns skipped cells on."""
import os
from pathlib import Path

import pytest

os.environ.setdefault("MPLBACKEND", "agg")
ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted(p for p in (ROOT / "nbs").rglob("*.ipynb") if not any(part[0] in "._" for part in p.relative_to(ROOT).parts))


def pytest_addoption(parser):
    parser.addoption("--nb-flags", default="", help='run the notebook cells marked with these flags too: --nb-flags "slow cuda"')


@pytest.fixture(scope="session")
def settings():
    "settings.ini as setup.py reads it."
    from configparser import ConfigParser

    config = ConfigParser(delimiters="=", interpolation=None)
    config.read(ROOT / "settings.ini", encoding="utf-8")
    return config


@pytest.fixture
def one_thread():
    "torch computes with one thread, which alone gives the same bytes everywhere."
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
