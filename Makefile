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

SYNTHETIC := data/synthetic/WFLW
DEMO_NORMS := bn sepbn

demo: env
	$(BIN)/python tools/make_synthetic_faces.py $(SYNTHETIC) --set wflw --train 1000 --test 250
	for norm in $(DEMO_NORMS); do \
	    config=configs/demo/$${norm}_vanilla_wflw.py; run=demo_output/$${norm}_vanilla_wflw; \
	    $(BIN)/python tools/train.py $$config --work-dir $$run && \
	    $(BIN)/python tools/test.py $$config $$run/epoch_16.pth --work-dir $$run/test \
	        --out $$run/rows.json --per-face $$run/per_face.csv --dump $$run/predictions.pkl || exit 1; \
	done
	$(BIN)/python tools/report.py configs/demo/sepbn_vanilla_wflw.py \
	    BN=demo_output/bn_vanilla_wflw SepBN=demo_output/sepbn_vanilla_wflw --out demo_output \
	    --title "Synthetic WFLW, 250 drawn test faces (not comparable with real WFLW)"

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
