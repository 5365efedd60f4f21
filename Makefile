# Everything runs in a virtual environment of this folder; nothing needs to be installed but Python.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
UV := $(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python
# The default ensembles are fitted to all four episodes at once.
PRECEDENTS := --with zhanaozen-2011 land-2016 transition-2019
# Two processes; one that is done early takes tests over from the other.
PYTEST := $(BIN)/python -m pytest --numprocesses 2 --dist worksteal

.PHONY: demo test test-fast lint docs bench fit posteriors lock clean

demo: .venv/.run
	$(BIN)/qantar run january-2022

test: .venv/.dev
	$(PYTEST)

test-fast: .venv/.dev
	$(PYTEST) -m "not slow and not browser"

lint: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python scripts/lint_prose.py

docs: .venv/.docs
	$(BIN)/mkdocs build --strict

bench: .venv/.bench
	$(BIN)/python benchmarks/run_all.py
	$(BIN)/python benchmarks/twins.py 100

fit: .venv/.run
	$(BIN)/python scripts/fit_default.py january-2022 --account union $(PRECEDENTS) --leave-out all
	$(BIN)/python scripts/fit_default.py january-2022 --account null $(PRECEDENTS)
	$(BIN)/python scripts/fit_rules.py january-2022

posteriors: .venv/.study
	$(BIN)/python scripts/make_posteriors.py january-2022

lock: .venv/.run
	$(BIN)/python scripts/make_lock.py

clean:
	rm -rf .venv site .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/.uv: lock/uv.txt
	$(PYTHON) -c 'import sys; sys.exit("Qantar needs Python 3.11 or newer") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r lock/uv.txt
	touch $@

.venv/.run: .venv/.uv lock/run.txt pyproject.toml
	$(UV) --require-hashes -r lock/run.txt
	$(UV) --no-deps --no-build-isolation --editable .
	touch $@

.venv/.study: .venv/.run lock/study.txt
	$(UV) --require-hashes -r lock/study.txt
	touch $@

.venv/.dev: .venv/.study lock/dev.txt
	$(UV) --require-hashes -r lock/dev.txt
	touch $@

.venv/.docs: .venv/.run lock/docs.txt
	$(UV) --require-hashes -r lock/docs.txt
	touch $@

.venv/.bench: .venv/.run lock/bench.txt
	$(UV) --require-hashes -r lock/bench.txt
	touch $@
