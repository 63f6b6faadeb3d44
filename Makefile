# Everything a developer runs. Needs make and a Python >= 3.11; the rest goes into $(VENV).
#   make test PYTHON=python3.13 VENV=.venv-3.13    the same with another interpreter, beside the first

PYTHON ?=
VENV ?= .venv
BIN = $(VENV)/bin
# It looks at the python that is first on PATH, and would ask the network whether there is a newer one of itself.
PYRIGHT = PATH="$(BIN):$$PATH" PYRIGHT_PYTHON_IGNORE_WARNINGS=1 $(BIN)/pyright

.PHONY: help demo test check format tools venv bench bench-quick

help:
	@echo 'make demo      send examples/monolith the fixtures of its sources and show what happens'
	@echo 'make test      run the test suite'
	@echo 'make check     ruff (rules and format), mypy --strict, and pyright: are all public types known?'
	@echo 'make format    let ruff fix and format the code'
	@echo 'make tools     install what some tests talk to (AWS emulators, Redis, Chromium); without it they are skipped'
	@echo 'make bench     measure it beside its peers, some minutes; writes docs/performance (ONLY=cold,batch BEFORE=a.whl)'
	@echo 'make bench-quick   the most telling of that, to read only'
	@echo 'PYTHON=... picks the interpreter, VENV=... the environment to make ($(VENV))'

demo: venv
	@$(BIN)/python examples/monolith/demo.py

test: venv
	@$(BIN)/python -m pytest

check: venv
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(PYRIGHT) tests/typing
	@told=$$($(PYRIGHT) --verifytypes lambdarouter --ignoreexternal) \
		&& echo "$$told" | grep completeness || { echo "$$told" | grep -v '^   lambdarouter'; exit 1; }

format: venv
	@$(BIN)/ruff check --fix-only --quiet
	@$(BIN)/ruff format

bench: venv
	@$(BIN)/python -m tests.benchmarks $(if $(ONLY),--only $(ONLY)) $(if $(BEFORE),--before $(BEFORE))

bench-quick: venv
	@$(BIN)/python -m tests.benchmarks --quick $(if $(ONLY),--only $(ONLY)) $(if $(BEFORE),--before $(BEFORE))

tools:
	@sh .ci/tools

venv:
	@PYTHON='$(PYTHON)' VENV='$(VENV)' sh .ci/venv
