# make run and make test need Python 3.11 to 3.13, make and a package index; everything else they install into .venv.

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null \
	&& { command -v $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
PYTEST := $(BIN)/python -m pytest -n 3 --dist loadfile

.PHONY: run test coverage check format bench screenshots wheel clean

run: $(VENV)/.installed ## Open the app; without a terminal, run the whole course headless.
	@if [ -t 0 ] && [ -t 1 ]; then exec $(BIN)/gdtui; else exec $(BIN)/gdtui --no-ui; fi

# Three processes for two cores: tests of terminals and signals wait a third of their time. Tracing for coverage makes
# drawing half as slow again, and the figure that is held is the engine's; make coverage traces all.
test: check ## Lint, type-check, and run every test; the engine must be covered to 90 %.
	$(PYTEST) tests/tui
	$(PYTEST) tests --ignore=tests/tui --cov=engine --cov-report=term --cov-fail-under=90

coverage: $(VENV)/.installed-dev ## Run every test and say which lines of engine and tui none of them reaches.
	$(PYTEST) --cov --cov-report=term

check: $(VENV)/.installed-dev ## Lint and type-check.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.installed-dev ## Put the code into its form.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.installed-dev ## Measure, beside what people would use instead.
	$(BIN)/python -m tests.benchmarks

screenshots: $(VENV)/.installed-dev ## Draw the pictures of the README anew.
	$(BIN)/python -m tests.screenshots

wheel: $(VENV)/.installed-dev ## Build the wheel into dist/.
	$(BIN)/python -m build --wheel

clean: ## Remove the environments and what was built; logs stay.
	rm -rf $(VENV) .bench-venv dist build .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "gdtui needs Python 3.11, 3.12 or 3.13 with venv; set PYTHON=/path/to/python" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install -q -c constraints.txt -e .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install -q -c constraints.txt -e '.[dev]'
	@touch $@ $(VENV)/.installed
