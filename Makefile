# Two commands do all the set-up: `make run` paints a photo, `make test` checks everything.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
# Ray listens at all addresses: its tests run where loopback is the only network there is.
LOOPBACK_ONLY := unshare --net $(if $(filter-out 0,$(shell id -u)),--map-root-user)
PHOTO ?=
OUT ?= out

.DEFAULT_GOAL := help
.PHONY: help run test format clean

help:
	@echo "make run [PHOTO=path]  paint the photo (or a sample) in every style, into $(OUT)/"
	@echo "make test              format, lint, types, import contracts, tests"
	@echo "make format            let ruff rewrite what it can"
	@echo "make clean             remove the virtual environment and everything generated"

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/engine.installed: pyproject.toml .ci/constraints.txt | $(BIN)/python
	$(PIP) install --constraint .ci/constraints.txt --editable ".[engine]"
	@touch $@

$(VENV)/test.installed: pyproject.toml .ci/constraints.txt | $(BIN)/python
	$(PIP) install --constraint .ci/constraints.txt --editable ".[bots,engine,ray,safety,test]"
	@touch $@ $(VENV)/engine.installed

run: $(VENV)/engine.installed
	@$(BIN)/stylebot gallery $(if $(PHOTO),"$(PHOTO)") --out "$(OUT)"

test: $(VENV)/test.installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -m "not gpu and not ray" --cov
	$(LOOPBACK_ONLY) $(BIN)/pytest -m ray

format: $(VENV)/test.installed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) build *.egg-info .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache out
