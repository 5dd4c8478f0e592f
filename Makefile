# Two commands do everything: `make demo` and `make test`. Each makes the
# environment first when it is missing or older than the lock.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# Hundreds of processes are started by the tests: what one has compiled, the next
# need not, whatever the shell says of it.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: setup demo test lint types floors browser compiled unit covered lock drills instrument statistics clean

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > $(VENV)/uv.lock
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r $(VENV)/uv.lock
	$(BIN)/uv pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --no-index --editable .
	touch $@

demo: $(READY)
	$(BIN)/cloudgauge run --world --rounds 2 --duration 24s

# What needs one processor, or waits for a download, goes side by side.
test: $(READY)
	$(MAKE) --no-print-directory --jobs=2 --output-sync browser compiled types lint floors
	$(MAKE) --no-print-directory --jobs=2 covered unit

lint: $(READY)
	$(BIN)/ruff check src tests benchmarks notebooks/making
	$(BIN)/ruff format --check src tests benchmarks notebooks/making
types: $(READY)
	$(BIN)/mypy
floors: $(READY)
	$(BIN)/lint-imports
# The floors of which every branch is tested; what they need is quick.
COVERED := model planning billing stats placement
covered: $(READY)
	$(BIN)/pytest -n 2 --dist worksteal $(COVERED:%=tests/%) \
	  $(COVERED:%=--cov=cloudgauge.%) --cov-branch --cov-fail-under=100 \
	  --cov-report=term-missing:skip-covered
# Once, not by each of the workers.
compiled: $(READY)
	@$(BIN)/pytest --collect-only -qq > /dev/null
# More workers than processors, since many tests wait; the files in the order of
# tests/conftest.py: those that take long come first.
unit: $(READY)
	$(BIN)/pytest -n 5 --dist loadfile --no-loadscope-reorder \
	  $(COVERED:%=--ignore=tests/%)

# The page is looked at in Debian's Chromium. Where there is none, and none can be
# installed, the tests that need it say so.
export DEBIAN_FRONTEND := noninteractive
APT := apt-get --quiet --quiet -o Acquire::http::Timeout=20 -o DPkg::Lock::Timeout=60
INSTALL := $(APT) install --yes --no-install-recommends chromium fonts-dejavu-core
browser:
	@command -v chromium > /dev/null || { test "$$(id -u)" = 0 && \
	  command -v apt-get > /dev/null && \
	  { $(INSTALL) || { $(APT) update && $(INSTALL); }; } \
	  > /dev/null 2>&1; } || echo "no chromium, and none could be installed" >&2

lock: $(READY)
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --group dev \
	  --all-extras --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-header --no-annotate --upgrade pyproject.toml -o requirements.lock

# More of what a fleet has to live through than every change has time for.
drills: $(READY)
	$(BIN)/pytest -n 2 --dist loadfile benchmarks/fleet/drills

instrument: $(READY)
	$(BIN)/python -m benchmarks.instrument

# The long simulations and the times of the statistics: their table.
statistics: $(READY)
	$(BIN)/python -m benchmarks.statistics -o benchmarks/statistics/RESULTS.md

clean:
	rm -rf $(VENV)
