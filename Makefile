# make demo        solve a bundled photograph whose kernel the solver is not told, into out/demo (IMAGE=, KERNEL=, SEED= choose another case)
# make demo-table  the 3x3 table: three photographs, three kernels
# make test        the whole test suite with its coverage (ARGS= is handed to pytest; WORKERS= processes of one thread each)
# make fuzz        20,000 damaged images, 4,000 kernels, 1,000 checkpoints, 300 calls: what fails is kept in out/fuzz (ARGS=, SEED=)
# make test-browser  the widgets in JupyterLab and Chromium (KERNELFUSION_SHOTS=FOLDER keeps pictures)
# make docs        the site into out/docs: tutorials, notebooks, widgets, reference
# make app         the app in a browser, by Voila on http://127.0.0.1:8866 (PORT=)
# Each sets up .venv by itself the first time, or after the metadata has changed.
PYTHON ?= python3
IMAGE ?=
KERNEL ?=
SEED ?=
ARGS ?=
WORKERS ?= 2
PORT ?= 8866
BIN := .venv/bin
READY := .venv/.ready
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: demo demo-table app test fuzz test-browser docs extras clean

demo: $(READY)
	$(BIN)/kernelfusion demo --out out/demo $(if $(IMAGE),--image '$(IMAGE)') $(if $(KERNEL),--kernel '$(KERNEL)') $(if $(SEED),--seed '$(SEED)')

demo-table: $(READY)
	$(BIN)/kernelfusion demo --table --out out/demo-table

# This machine alone can see it; the rest is said in nbs/tutorials/voila.json: an upload may have 100 MB there, not 10.
app: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[app]'
	@echo "The app: http://127.0.0.1:$(PORT)  (Ctrl-C ends it)"
	$(BIN)/python -m voila nbs/tutorials/app.ipynb --Voila.config_file_paths=nbs/tutorials --port=$(PORT)

test: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal --durations=8 --cov=kernelfusion_nb --cov-report=term --cov-fail-under=90 $(ARGS)

fuzz: $(READY)
	$(BIN)/python -m tests.fuzz --keep out/fuzz $(if $(SEED),--seed '$(SEED)') $(ARGS)

docs: $(READY)
	-$(INSTALL) -e '.[docs]'
	$(BIN)/python tools/docs/build.py out/docs

# An install of extras may fail without a network: the tests then say what is missing and are skipped.
extras: $(READY)
	-$(INSTALL) -e '.[browser,docs]'

test-browser: $(READY)
	-$(INSTALL) -e '.[browser]'
	$(BIN)/python -m pytest -q tests/browser $(ARGS)

clean:
	rm -rf out build dist *.egg-info .pytest_cache .coverage
	find kernelfusion_nb data tests -name __pycache__ -prune -exec rm -rf {} +

# torch first, by itself: so that the release in constraints.txt is taken before another package asks for any torch.
$(READY): settings.ini constraints.txt setup.py pyproject.toml
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv .venv
	$(INSTALL) torch
	$(INSTALL) -e '.[dev]'
	@touch $(READY)
