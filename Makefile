# The two commands a person needs are `make run` and `make test`; everything else is for those who change the code.
SHELL := /bin/bash
PYTHON := .venv/bin/python
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help run test soak check tour tour-all bench fuzz setup clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## *' '{printf "  make %-8s %s\n", $$1, $$2}'

run:  ## the whole demo hall: kiosk, counters, board, devices, central (options: make run ARGS="--ports 18600")
	@.ci/setup run
	@exec $(PYTHON) -m kiosk run $(ARGS)

test:  ## every test (some only: make test ARGS="tests/domain -k line")
	@.ci/setup test
	@exec .ci/test $(ARGS)

soak:  ## the long ones: break-out on a real window, more faults of the devices, more kills
	@.ci/setup test
	@exec $(PYTHON) -m pytest -m soak $(ARGS)

check: setup  ## style, types and the arrows between the folders
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy --strict
	$(PYTHON) -m pytest tests/test_arrows.py

tour:  ## the whole job once, by itself, with pictures, paper and sound in build/tour/
	@.ci/setup test
	@exec $(PYTHON) -m tests.tour $(ARGS)

tour-all:  ## the tour three times: as configured, on a landscape screen, in large text
	@.ci/setup test
	@exec $(PYTHON) -m tests.tour --all $(ARGS)

bench:  ## what the software itself costs, measured against the raw machine
	@.ci/setup test
	@exec $(PYTHON) -m tests.bench $(ARGS)

fuzz:  ## ten million broken frames for every codec, in the background, hours (fewer: make fuzz ARGS="--n 100_000")
	@.ci/setup test
	@exec $(PYTHON) -m tests.devices.fuzzing $(ARGS)

setup:
	@.ci/setup test

clean:  ## what tests and tours left (not ./data, not .venv)
	rm -rf build .mypy_cache .ruff_cache .hypothesis
	find . -path ./.venv -prune -o -name __pycache__ -type d -print0 | xargs -0 rm -rf
