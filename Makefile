# make run and make test need Python 3.11 to 3.13, make and a package index; everything else they install into .venv.

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null \
	&& { command -v $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# pip compiles with one process; this takes all cores. Examples in some packages do not compile; nothing imports them.
COMPILE = $(BIN)/python -m compileall -qq -j 0 $(VENV)/lib engine tui assets || true
# Without compiled modules, each start of the app in the tests would compile them again.
unexport PYTHONDONTWRITEBYTECODE
MINUTES ?= 10
# Files in the order of their folders: those of few but long tests, on terminals, begin first.
PYTEST := $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder --durations=20
# What failed beside others is run once more, alone; what fails again, or failed without a test, fails. Pictures that are
# then not compared are not called unused.
AGAIN := $(BIN)/python -m pytest --last-failed --last-failed-no-failures none --snapshot-warn-unused

.PHONY: run test test-all fuzz coverage check format bench screenshots wheel clean

run: $(VENV)/.installed ## Open the app; without a terminal, run the whole course headless.
	@if [ -t 0 ] && [ -t 1 ]; then exec $(BIN)/gdtui; else exec $(BIN)/gdtui --no-ui; fi

# Three processes for two cores: tests of terminals and signals wait a third of their time. Coverage tracing makes drawing
# 1.5 times as slow, and only the engine's coverage is required, by its own tests; make coverage traces everything.
test: check ## Lint, type-check, and run the tests but for the slow ones; the engine must be covered to 90 %.
	$(PYTEST) -m "not slow" tests/end_to_end tests/tui || $(AGAIN) tests/end_to_end tests/tui
	$(PYTEST) -m "not slow" tests/engine --cov=engine --cov-report=term --cov-fail-under=90 || $(AGAIN) tests/engine

fuzz: $(VENV)/.installed-dev ## Play at random for MINUTES=10: keys, mouse, pastes, sizes, nonsense; see tests/end_to_end/player.py.
	$(BIN)/python -m tests.end_to_end.player --minutes $(MINUTES)

test-all: test ## Run the slow tests too, then play every lesson, function, optimizer, rate and odd log in every look and size in the app.
	$(PYTEST) -m slow tests
	$(BIN)/python -m tests.tui.matrix

coverage: $(VENV)/.installed-dev ## Run every test and list the lines of engine and tui that none of them reaches.
	$(PYTEST) --cov --cov-report=term

check: $(VENV)/.installed-dev ## Lint and type-check.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.installed-dev ## Format the code.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.installed-dev ## Measure, beside the alternatives that people use.
	$(BIN)/python -m tests.benchmarks

screenshots: $(VENV)/.installed-dev ## Redraw the README's pictures.
	$(BIN)/python -m tests.screenshots

wheel: $(VENV)/.installed-dev ## Build the wheel into dist/.
	$(BIN)/python -m build --wheel

clean: ## Remove the environments and build results; logs stay.
	rm -rf $(VENV) .bench-venv dist build .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "gdtui needs Python 3.11, 3.12 or 3.13 with venv; set PYTHON=/path/to/python" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install -q --no-compile -c constraints.txt -e .
	@$(COMPILE)
	@touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install -q --no-compile -c constraints.txt -e '.[dev]'
	@$(COMPILE)
	@touch $@ $(VENV)/.installed
