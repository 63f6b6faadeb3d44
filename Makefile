# Everything a developer runs. Needs make and a Python >= 3.11; the rest goes into $(VENV).
#   make test PYTHON=python3.13 VENV=.venv-3.13    the same with another interpreter, beside the first

PYTHON ?=
VENV ?= .venv
BIN = $(VENV)/bin

.PHONY: help demo test check format tools venv

help:
	@echo 'make demo      send examples/monolith the fixtures of its sources and show what happens'
	@echo 'make test      run the test suite'
	@echo 'make check     ruff (rules and format) and mypy --strict'
	@echo 'make format    let ruff fix and format the code'
	@echo 'make tools     install what some tests talk to (AWS emulators, Redis, Chromium); without it they are skipped'
	@echo 'PYTHON=... picks the interpreter, VENV=... the environment to make ($(VENV))'

demo: venv
	@$(BIN)/python examples/monolith/demo.py

test: venv
	@$(BIN)/python -m pytest

check: venv
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

format: venv
	@$(BIN)/ruff check --fix-only --quiet
	@$(BIN)/ruff format

tools:
	@sh .ci/tools

venv:
	@PYTHON='$(PYTHON)' VENV='$(VENV)' sh .ci/venv
