"""Package metadata from settings.ini; data/ is shipped inside the package as kernelfusion_nb/data."""
from configparser import ConfigParser
from pathlib import Path

from setuptools import setup

here = Path(__file__).resolve().parent
settings = ConfigParser(delimiters="=", interpolation=None)
settings.read_string((here / "settings.ini").read_text(encoding="utf-8"))
meta = settings["DEFAULT"]
extras = {name: value.split() for name, value in settings.items("extras") if name not in settings.defaults()}
name = meta["name"]

setup(
    name=name,
    version=meta["version"],
    description=meta["description"],
    long_description=(here / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    author=meta["author"],
    license=meta["license"],
    keywords=meta["keywords"].split(),
    python_requires=f">={meta['min_python']}",
    packages=[name, f"{name}.app", f"{name}.bench", f"{name}.data"],
    package_dir={name: name, f"{name}.data": "data"},
    package_data={name: ["static/*.js", "static/*.css"], f"{name}.data": ["*.png", "*.npy", "*.md"]},
    install_requires=meta["requirements"].split(),
    extras_require=extras,
    entry_points={
        "console_scripts": [f"kernelfusion = {name}.app.cli:main"],
        "nbdev": [f"{name} = {name}._modidx:d"],
    },
    zip_safe=False,
)
