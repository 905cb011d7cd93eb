# Everything a developer does. Each goal sets up what it needs by itself.
PYTHON ?= python3
IN = .venv/bin/python
# Start-up is counted in seconds, so what was compiled once is kept, whatever the shell says.
unexport PYTHONDONTWRITEBYTECODE
SETUP = @$(PYTHON) -m workbench.setup

.DEFAULT_GOAL := help
.PHONY: help run test test-long check demo bench fix requirements migration

help: ## this table
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## the whole product on the sandbox with a demo brand; Ctrl-C stops it
	$(SETUP)
	@exec $(IN) -m workbench.run

test: ## every test, the browser's too, in under five minutes
	$(SETUP) tests browser
	@exec $(IN) -m pytest -n 2 -m "not long" tests

test-long: ## the same promises at full size
	$(SETUP) tests browser
	@GUIYI_FULL_SIZE=1 exec $(IN) -m pytest -n 2 tests

check: ## linter, format, types, import contracts, migration lint
	$(SETUP) tests
	@exec $(IN) -m workbench.check

demo: ## play the main job against a running `make run`
	$(SETUP)
	@exec $(IN) -m workbench.demo

bench: ## benchmarks, one line of JSON each; NAME=… for one
	$(SETUP) tests
	@exec $(IN) -m benchmarks $(NAME)

fix: ## let the linter and the formatter mend what they can
	$(SETUP) tests
	@$(IN) -m ruff check --fix -q . ; $(IN) -m ruff format -q .

requirements: ## compile requirements*.in into pinned requirements*.txt
	$(SETUP)
	@test -x .data/tools/bin/uv || { $(PYTHON) -m venv .data/tools && .data/tools/bin/pip install -q uv; }
	@for name in requirements requirements-dev; do \
	  .data/tools/bin/uv pip compile -q --no-header --python-version 3.11 $$name.in -o $$name.txt; done

migration: ## a new migration from the models: make migration name="add wishlists"
	@test -n "$(name)" || { echo 'say what it does: make migration name="…"'; exit 2; }
	$(SETUP) tests
	@exec $(IN) -m workbench.inside python -m workbench.new_migration "$(name)"
