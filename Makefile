# What people and CI call. `make run` and `make test` do all the set-up themselves: their own .venv, pinned and hash-checked packages.
# PYTHON=python3.12 make run   chooses another Python; JOBS=4 make test   runs the tests in more processes.

PYTHON ?= python3
JOBS ?= 2
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHON

.NOTPARALLEL:
.PHONY: help run test check lint types imports bench soak docs wheel pins references clean debian

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 18

run: $(VENV)/.self ## the main job: a heart-failure shock patient without and with the pump
	$(BIN)/counterpulse run hf-shock

test: debian check ## lint, types, import rules and every test but the long ones
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile

check: lint types imports ## what needs no test run

lint: $(VENV)/.test $(VENV)/.self
	$(BIN)/ruff check .

types: $(VENV)/.test $(VENV)/.self
	$(BIN)/basedpyright --warnings

imports: $(VENV)/.test $(VENV)/.self
	$(BIN)/lint-imports --no-cache

bench: $(VENV)/.self ## every script in benchmarks/, each printing a ratio
	@for script in benchmarks/*.py; do echo "== $$script"; $(BIN)/python "$$script" || exit 1; done

soak: $(VENV)/.test $(VENV)/.self ## the long runs
	$(BIN)/python -m pytest -m soak || test $$? -eq 5

docs: $(VENV)/.docs $(VENV)/.self ## the documentation, into docs/_build/html
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

wheel: $(VENV)/.self ## build the wheel, install it alone into an empty environment, run it there
	scripts/wheel.sh

pins: ## make requirements/*.txt anew from pyproject.toml; UPGRADE=1 takes newer versions
	scripts/pins.sh

references: $(VENV)/.test $(VENV)/.self ## make the reference numbers anew; needs R with survival, cmprsk, metafor and others from Debian
	PYTHON=$(BIN)/python sh scripts/references/run.sh

clean: ## remove what was made here, .venv included; out/ stays
	rm -rf $(VENV) build dist docs/_build docs/reference/generated .pytest_cache .ruff_cache .hypothesis .import_linter_cache

# Debian's packages for the tests that need a browser or a database; without the right to install them those tests skip, except in CI.
debian:
	@if [ -d tests/browser ]; then scripts/debian.sh chromium; fi
	@if [ -d tests/service ]; then scripts/debian.sh postgresql; fi

$(VENV)/.made:
	scripts/venv.sh $(VENV)
	@touch $@

$(VENV)/.run: requirements/run.txt $(VENV)/.made
	$(PIP) install -q --require-hashes -r $<
	@touch $@

$(VENV)/.test: requirements/test.txt $(VENV)/.run
	$(PIP) install -q --require-hashes -r $<
	@touch $(VENV)/.run $@

$(VENV)/.docs: requirements/docs.txt $(VENV)/.run
	$(PIP) install -q --require-hashes -r $<
	@touch $(VENV)/.run $@

$(VENV)/.self: pyproject.toml $(VENV)/.run
	$(PIP) install -q --no-deps --no-build-isolation -e .
	@touch $@
