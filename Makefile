# Each target makes .venv on first use, from the versions in constraints.txt.
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
# Most modules of the packages are never imported; those that are, Python compiles and keeps then.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile \
  --constraint constraints.txt
unexport PYTHONDONTWRITEBYTECODE
WORKERS ?= 3

.DEFAULT_GOAL := help
.PHONY: help demo test run check lint types contracts bench pictures clean

help: ## Say what there is to do
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: .venv/core ## Play a two-day prison conversation with the built-in model
	@$(BIN)/python main.py demo

run: .venv/core ## Open the app
	@$(BIN)/python main.py

test: .venv/dev ## Run the tests, in three processes; WORKERS=8 for more
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadgroup

check: lint types contracts test ## Lint, types, layers and tests, as CI does

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/dev
	$(BIN)/mypy

contracts: .venv/dev
	$(BIN)/lint-imports

bench: .venv/dev ## Measure what the README promises
	$(BIN)/python -m benchmarks

pictures: .venv/core ## Draw the pictures of the README and the guides again
	$(BIN)/python docs/pictures.py

clean: ## Remove the environment and caches
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Making .venv with $$($(PYTHON) --version) …"
	@$(PYTHON) -m venv .venv

.venv/core: pyproject.toml constraints.txt | .venv/bin/python
	@echo "Installing what the simulator needs …"
	@$(INSTALL) --editable .
	@touch $@

.venv/dev: pyproject.toml constraints.txt | .venv/bin/python
	@echo "Installing what the simulator and its tests need …"
	@$(INSTALL) --editable '.[dev,serve,servers,hf,analysis,search]'
	@touch $@ .venv/core
