# Three commands do all the set-up: `make run` opens the studio, `make check` checks most in two minutes,
# `make test` everything.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
# Ray listens on all addresses, so its tests run in a namespace with only loopback.
LOOPBACK_ONLY := unshare --net $(if $(filter-out 0,$(shell id -u)),--map-root-user)

.DEFAULT_GOAL := help
# Folders whose tests need neither a server, a browser nor trained networks.
QUICK_TESTS := tests/bots/core tests/storage tests/engine/api tests/engine/effects tests/engine/media

.PHONY: help run check test coverage format lock clean

help:
	@echo "make run     open the studio in the browser, and run the bots whose tokens are set"
	@echo "make check   format, lint, types, import contracts and the quick tests"
	@echo "make test    the same with all types and all tests"
	@echo "make coverage  what the tests do not reach"
	@echo "make format  let ruff rewrite what it can"
	@echo "make lock    write .ci/locks again, after versions in .ci/constraints.txt have changed"
	@echo "make clean   remove the virtual environment and everything generated"

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "stylebot needs Python 3.11 or newer, and $(PYTHON) is `$(PYTHON) -V`: make PYTHON=python3.11 run"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.installed: pyproject.toml .ci/constraints.txt | $(BIN)/python
	@echo "installing, once; it takes a minute or two"
	$(PIP:--quiet=) install --constraint .ci/constraints.txt --editable ".[bots,engine,faces]"
	@touch $@

$(VENV)/check.installed: pyproject.toml .ci/constraints.txt | $(BIN)/python
	$(PIP) install --constraint .ci/constraints.txt --editable ".[bots,engine,faces,check]"
	@touch $@ $(VENV)/run.installed

$(VENV)/test.installed: pyproject.toml .ci/constraints.txt | $(BIN)/python
	$(PIP) install --constraint .ci/constraints.txt --editable ".[bots,engine,faces,ray,safety,test]"
	@touch $@ $(VENV)/check.installed $(VENV)/run.installed

# A group of its own, so that Ctrl-C stops the studio and leaves make to end as usual.
run: $(VENV)/run.installed
	@[ ! -t 0 ] || set -m; \
	LOG_LEVEL=$${LOG_LEVEL:-warning} ENGINE_LOG_LEVEL=$${ENGINE_LOG_LEVEL:-warning} $(BIN)/stylebot studio

check: $(VENV)/check.installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy bots engine migrations storage
	$(BIN)/lint-imports
	$(BIN)/pytest -m "not gpu and not ray and not postgresql" --numprocesses 2 --dist loadfile $(QUICK_TESTS)

test: $(VENV)/test.installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -m "not gpu and not ray" --numprocesses 3 --dist loadfile --durations 20
	$(LOOPBACK_ONLY) $(BIN)/pytest -m ray

coverage: $(VENV)/test.installed
	$(BIN)/pytest -m "not gpu and not ray" --numprocesses 3 --dist loadfile --cov

format: $(VENV)/test.installed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: $(BIN)/python
	$(PIP) install uv
	for extra in bots engine; do \
	  with=$$([ $$extra = bots ] || echo --extra faces); \
	  $(BIN)/uv pip compile pyproject.toml --extra $$extra $$with --constraint .ci/constraints.txt --generate-hashes \
	    --universal --python-version 3.11 --no-header --no-annotate --quiet --output-file .ci/locks/$$extra.txt; \
	done

clean:
	rm -rf $(VENV) build *.egg-info .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache out
