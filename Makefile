# Commands for everyday work. `make run` and `make test` work in a fresh clone.

.PHONY: help setup run test check format states conformance bench constraints

help:
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: ## make .venv with everything for development
	@scripts/setup.sh dev

run: ## start the server and the example app that uses it
	@scripts/setup.sh run
	@.venv/bin/greffier assets install
	@exec .venv/bin/python scripts/run_example.py

test: ## everything that CI runs
	@scripts/test.sh $(PYTEST_ARGS)

check: setup ## formatting, lint, types and import order
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/pyright
	.venv/bin/lint-imports --no-logo
	@scripts/setup_npm.sh js
	npm run --silent --prefix js lint
	npm run --silent --prefix js types

format: setup ## format and mend what ruff and biome can
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .
	@scripts/setup_npm.sh js
	npm run --silent --prefix js format

states: ## show every React component in every state
	@scripts/setup_npm.sh js
	@npm start --silent --prefix js/apps/states

conformance: setup ## which operations are built and conform to the published contract
	@.venv/bin/python -m scripts.conformance

bench: setup ## measurements beside their yardsticks
	@.venv/bin/python -m benchmarks

constraints: setup ## write the versions in .venv to constraints.txt
	@scripts/pin_versions.sh
