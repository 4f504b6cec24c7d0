# make demo   set up .venv, draw faces, train BN and SepBN, test both, write demo_output/ (about 8 minutes on 2 cores)
# make test   set up .venv, run the tests
# make env    set up .venv only;  make lint;  make bench
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: env demo test lint bench clean
.DELETE_ON_ERROR:

env: $(READY)

$(READY): requirements/runtime.txt requirements/mmpose.txt requirements/dev.txt setup.cfg
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 10) <= v <= (3, 12) else f"Python 3.10 to 3.12 is needed, {sys.executable} is {v[0]}.{v[1]}; name another: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q -r requirements/runtime.txt -r requirements/dev.txt
	$(BIN)/pip install -q --no-deps -r requirements/mmpose.txt
	$(BIN)/pip install -q -e .
	touch $@

demo: env
	$(BIN)/python tools/demo.py

test: env
	$(BIN)/python -m pytest

lint: env
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: env
	$(BIN)/python benchmarks/norm_speed.py

clean:
	rm -rf demo_output work_dirs
