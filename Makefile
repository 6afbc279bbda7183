# The verbs of this project; the same here and in CI. `make` alone lists them.

SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv/bin
PYTEST := $(VENV)/python -m pytest
TEST_PROCESSES ?= 2

RECORD ?=

.PHONY: help demo test check format update accuracy conformance bench tools lock clean environment run-environment

help: ## list the verbs
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: run-environment ## render a fleet, change one line, show what that does (needs Python only)
	@$(VENV)/python -m scripts.demo

test: environment tools ## set up what the tests need, then run all of them, consumers included
	@$(PYTEST) -n $(TEST_PROCESSES) --dist worksteal

CHECKS := check-format check-lint check-types check-imports check-budgets

check: environment ## format, lint, strict types, import contracts, size budgets
	@$(MAKE) --no-print-directory --keep-going $(CHECKS)

.PHONY: $(CHECKS)
check-format:
	@$(VENV)/ruff format --check --quiet . || { echo "run: make format" >&2; exit 1; }

check-lint:
	@$(VENV)/ruff check --quiet .

check-types:
	@$(VENV)/mypy --no-error-summary

check-imports:
	@$(VENV)/lint-imports --no-logo

check-budgets:
	@$(PYTEST) tests/test_house.py

format: environment ## fix format and simple lint
	@$(VENV)/ruff check --quiet --fix --exit-zero .
	@$(VENV)/ruff format .

update: environment ## rewrite schemas, outputs, generated docs and test expectations
	@$(VENV)/python -m scripts.generate.update

accuracy: environment ## compare the sizing model with measured servers, row by row
	@$(VENV)/python -m scripts.generate.accuracy_doc

conformance: environment tools ## run the real gateways in front of misbehaving upstreams; RECORD=1 keeps the results
	@$(VENV)/python -m conformance $(if $(RECORD),--record)

bench: environment ## measure start-up, validate, render and check; nothing fails on it
	@$(VENV)/python -m bench

tools: environment ## install the pinned consumers into .tools/
	@$(VENV)/python -m scripts.install.tools

lock: environment ## resolve the lock files of requirements/ again
	@$(VENV)/python -m scripts.install.lock

clean: ## remove what the verbs made, except outputs/
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

environment: supported
	@$(PYTHON) -m scripts.install.environment dev

run-environment: supported
	@$(PYTHON) -m scripts.install.environment run

.PHONY: supported
supported:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed as $(PYTHON); try: make PYTHON=python3.12" >&2; exit 1; }
