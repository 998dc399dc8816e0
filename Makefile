# Everything runs inside .venv; python3.11, make and git are all a machine needs to bring.
SHELL := /bin/bash
UV := .venv/bin/uv
RUN := .venv/bin
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.PHONY: setup demo real test lint truth faults screenshots impact-calibration dashboard clean

setup: .venv/.ready

.venv/.ready: pyproject.toml uv.lock
	@test -x $(RUN)/python || python3.11 -m venv .venv
	@test -x $(UV) || $(RUN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	@echo "Installing the packages into .venv"
	@$(UV) sync --frozen --compile-bytecode
	@touch $@

demo: setup
	@$(RUN)/motcua demo

# Boston's log in a home of its own; the data stands beside the checkout and is not part of it
real: setup
	@MOTCUA_HOME=$${MOTCUA_HOME:-data/real} bash tests/real/run_boston.sh

lint: setup
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/basedpyright --level error
	$(RUN)/lint-imports
	$(RUN)/python -m pipelines.defs.manifest
	$(RUN)/sqlfluff lint --nocolor models/sql

test: lint
	$(RUN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

# whole provinces against their truth: more seeds, traps, patterns, the default size, other days
truth: setup
	$(RUN)/pytest -n 2 --dist loadfile --no-loadscope-reorder tests/integration tests/models tests/keeping tests/operating -m "long or not long"

# every way of a shop, a disk or a process to fail, and what may leak, in the longer form too
faults: setup
	$(RUN)/pytest tests/faults tests/privacy tests/unit/simulator/test_behaviours.py -m "long or not long"

screenshots: setup
	$(RUN)/pytest tests/browser/test_pictures.py -m long

# intervals of merger effects held against a thousand worlds of known truth; the tables go into the docs
impact-calibration: setup
	$(RUN)/python -m pipelines.bench.impact_worlds --write

dashboard: setup
	@$(RUN)/motcua dashboard

clean:
	rm -rf .venv models/target data/landing data/warehouse data/serving data/simulated
