# `make run` sets up and serves; `make test` sets up and runs every test. Everything lives in .venv and var/.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := uv==0.13.9
PYTEST_ARGS ?= -n 2 --dist loadfile

.PHONY: bench-casework bench-detection bench-explorer bench-inflight run test check types setup setup-dev bench lock clean

run: $(VENV)/.ready
	@$(BIN)/python -m webui.build
	@$(BIN)/ringtrace up

test: $(VENV)/.ready-dev
	@$(BIN)/python -m webui.build --dev
	@$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest $(PYTEST_ARGS)

check: $(VENV)/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/lint-imports
	@$(MAKE) --no-print-directory types

types: $(VENV)/.ready-dev
	$(BIN)/mypy

bench: $(VENV)/.ready-bench
	$(BIN)/python -m bench $(BENCH_ARGS)

# Detection: features, communities and chains beside their peers, quality on generated towns, the model beside GFP.
# BENCH_ARGS="--size 50000 --quality-size 20000 --seeds 7" for a short trial.
bench-detection: $(VENV)/.ready-bench
	$(BIN)/python -m bench.detection $(BENCH_ARGS)

# The explorer in headless Chromium on a generated network of 1M transfers, beside pyvis and vis-network.
bench-explorer: $(VENV)/.ready-bench
	$(BIN)/python -m bench.explorer $(BENCH_ARGS)

# Money in flight: BENCH_ARGS="--surge-seconds 30 --transfers 200000" for a short trial.
bench-inflight: $(VENV)/.ready-dev
	$(BIN)/python -m bench.inflight $(BENCH_ARGS)

# Casework: leads to orders on 2M transfers, queues of 1M rows, 200 people, money still reachable.
bench-casework: $(VENV)/.ready
	$(BIN)/python -m bench.casework $(BENCH_ARGS)

setup: $(VENV)/.ready
setup-dev: $(VENV)/.ready-dev

$(VENV)/.ready: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Ringtrace needs Python 3.11 or newer: set PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "$(UV)"
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python -r requirements.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps -e .
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready requirements-dev.txt
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python -r requirements-dev.txt
	@touch $@

$(VENV)/.ready-bench: $(VENV)/.ready-dev requirements-bench.txt
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python -r requirements-bench.txt
	@touch $@

# Compile the pinned lists from the direct dependencies.
lock: $(VENV)/.ready
	cd . && for name in requirements requirements-dev requirements-bench; do \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate $$name.in -o $$name.txt; done

clean:
	rm -rf $(VENV) webui/static/dist webui/explorer/node_modules
