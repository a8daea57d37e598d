# Every target works on a fresh machine: the first one builds .venv from constraints.txt.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OUT := build/demo
REQUIRE_TOOLS ?=
PYTEST_ARGS ?=
FUZZ_EXAMPLES ?= 20000
SOAK_MINUTES ?= 2

.DEFAULT_GOAL := help
.PHONY: demo test fuzz soak lint format bench docs proven golden help clean

help: ## show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(None if v >= (3, 11) else f"provisioner needs Python 3.11 or newer; {sys.executable} is {v.major}.{v.minor}. Try: make PYTHON=python3.12")'
	@echo "building $(VENV), once: this takes a minute"
	@$(PYTHON) -m venv $(VENV)
	@PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	@PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[gateway,postgres,terraform]' --group test --group lint
	@touch $@

demo: $(VENV)/.installed ## spec to real Codex through the gateway, on the embedded default
	@PROVISIONER=$(BIN)/provisioner OUT=$(OUT) sh examples/demo.sh

test: $(VENV)/.installed ## all tests; REQUIRE_TOOLS=1 turns a skip for a missing tool into a failure
	@$(BIN)/python -m pytest $(if $(REQUIRE_TOOLS),--require-tools) $(PYTEST_ARGS)

fuzz: $(VENV)/.installed ## random template folders against the validator, FUZZ_EXAMPLES of them; atheris if installed
	@$(BIN)/python -m tests.fuzz $(FUZZ_EXAMPLES)

soak: $(VENV)/.installed ## a gateway under a mixed load for SOAK_MINUTES, with faults; PostgreSQL too where installed
	@$(BIN)/python -m tests.soak $(SOAK_MINUTES)

lint: $(VENV)/.installed ## format, lint and types
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

format: $(VENV)/.installed ## rewrite files in the house format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(VENV)/.installed ## side-by-side speed, written to benchmarks/results.md
	@$(BIN)/python -m benchmarks

docs: $(VENV)/.installed ## regenerate docs/cli.md, knowledge.md, rules.md and spec.md
	@$(BIN)/python -m docs.generate

proven: $(VENV)/.installed ## prove every combination with the real Codex, and write the table in docs/flows.md
	@$(BIN)/python -m docs.proven

golden: $(VENV)/.installed ## rewrite the golden files after a wanted change
	@$(BIN)/python -m pytest tests/golden --update-goldens $(PYTEST_ARGS)

clean: ## remove everything that make built
	@rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
