# make demo   set up .venv, draw faces, train and test BN, SepBN and CNT, write demo_output/ (5 to 7 minutes on 2 cores)
# make test   set up .venv, run the tests
# make fuzz   damage 20,000 annotation files and count what the readers do (2 to 5 minutes)
# make docs   build the pages into site/ (Python 3.11 or newer);  make docs-check   run the pages' commands on tiny sets
# make bench  measure speed and write docs/performance.md (at most 15 minutes on 2 idle cores)
# make env    set up .venv only;  make lint
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DOCS := .venv-docs

# make demo-real SOURCE=FOLDER   the same on real faces
.PHONY: env demo demo-real test fuzz lint docs docs-check bench clean
.DELETE_ON_ERROR:

env: $(READY)

$(READY): $(filter-out requirements/docs.txt,$(wildcard requirements/*.txt)) setup.cfg
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 10) <= v <= (3, 12) else f"Python 3.10 to 3.12 is needed, {sys.executable} is {v[0]}.{v[1]}; name another: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q -r requirements/runtime.txt -r requirements/dev.txt
	$(BIN)/pip install -q --no-deps --no-build-isolation -r requirements/mmpose.txt
	$(BIN)/pip install -q -e .
	$(BIN)/python -c 'import cv2' 2>/dev/null || $(BIN)/pip install -q --no-deps -r requirements/no_display.txt
	touch $@

# The demo's five synthetic sets: training faces in the paper's proportions, a few test faces. As large as needed: their
# boxes have about 108 pixels, a network sees 128.
SYNTHETIC := data/synthetic
DRAW := $(BIN)/python tools/make_synthetic_faces.py --size 192 --workers 1 --overwrite
DRAWN := $(addprefix draw-,aflw wflw wider_face cofw 300w)  # those that take longest first
.PHONY: $(DRAWN) $(addprefix demo-,cnt bn sepbn cnt-cofw scratch report-wflw report-cofw)
# Side by side, one thread each. Stage 1 takes longest and stage 2 waits for it, so the others start after it.
demo: export FACES_ROOT := $(SYNTHETIC)
demo: export OMP_NUM_THREADS := 1
demo: env
	+@$(MAKE) --no-print-directory -j "$$(env -u OMP_NUM_THREADS nproc)" demo-cnt demo-bn demo-sepbn demo-cnt-cofw demo-scratch \
	    demo-report-wflw demo-report-cofw
	@echo 'One short run each, and rounding alone changes the figures: docs/results.md compares BN, SepBN and CNT over seeds.'

draw-cofw:
	$(DRAW) $(SYNTHETIC)/COFW --set cofw --train 64 --test 150 --seed 1
draw-aflw:
	$(DRAW) $(SYNTHETIC)/AFLW --set aflw --train 950 --test 50 --seed 2
draw-wflw:
	$(DRAW) $(SYNTHETIC)/WFLW --set wflw --train 356 --test 200 --seed 3
draw-300w:
	$(DRAW) $(SYNTHETIC)/300W --set 300w --train 150 --test 50 --seed 4
draw-wider_face:
	$(DRAW) $(SYNTHETIC)/WIDER_FACE --set wider_face --train 464 --test 0 --seed 5

demo-bn demo-sepbn demo-scratch: | $(DRAWN)
demo-bn:
	$(call train_and_test,demo/bn_vanilla_wflw,30)
demo-sepbn:
	$(call train_and_test,demo/sepbn_vanilla_wflw,30)
demo-scratch:
	$(call train_and_test,demo/sepbn_vanilla_cofw,60)
demo-cnt: | $(DRAWN)
	$(call train_and_test,demo/cnt_sepbn_vanilla,6)
demo-cnt-cofw: demo-cnt
	$(call train_and_test,demo/cnt_sepbn_vanilla_cofw,54)

demo-report-wflw: demo-bn demo-sepbn
	$(BIN)/python tools/report.py configs/demo/sepbn_vanilla_wflw.py --out demo_output/wflw \
	    BN=demo_output/demo/bn_vanilla_wflw SepBN=demo_output/demo/sepbn_vanilla_wflw \
	    --title "Synthetic WFLW, 200 drawn test faces (not comparable with real WFLW)" \
	    --expected configs/demo/expected_wflw.json
demo-report-cofw: demo-scratch demo-cnt-cofw
	$(BIN)/python tools/report.py configs/demo/sepbn_vanilla_cofw.py --out demo_output/cofw \
	    scratch=demo_output/demo/sepbn_vanilla_cofw CNT=demo_output/demo/cnt_sepbn_vanilla_cofw \
	    --title "Synthetic COFW, 64 training and 150 test faces: from scratch, and with CNT on all five sets" \
	    --expected configs/demo/expected_cofw.json

# $(call train_and_test,CONFIG,LAST EPOCH): what they print goes to log.txt; its end is shown when one fails.
define train_and_test
	@mkdir -p demo_output/$(1)
	@echo 'train and test configs/$(1).py, see demo_output/$(1)/log.txt'
	@{ $(BIN)/python tools/train.py configs/$(1).py --work-dir demo_output/$(1) --no-validate && \
	$(BIN)/python tools/test.py configs/$(1).py demo_output/$(1)/epoch_$(2).pth --work-dir demo_output/$(1)/test \
	    --out demo_output/$(1)/rows.json --per-face demo_output/$(1)/per_face.csv --dump demo_output/$(1)/predictions.npz; \
	} > demo_output/$(1)/log.txt 2>&1 || { tail -n 20 demo_output/$(1)/log.txt; exit 1; }
endef

# Real faces: make demo-real SOURCE=/path/to/P1_Facial_Keypoints
REAL := data/youtube_faces
demo-real: export FACES_ROOT := $(REAL)
demo-real: export CNT_SETS := 300w,aflw,wider_face
demo-real: env
	@test -n "$(SOURCE)" || { echo 'make demo-real needs SOURCE=, a clone of github.com/udacity/P1_Facial_Keypoints'; exit 1; }
	$(BIN)/python tools/prepare_youtube_faces.py "$(SOURCE)" $(REAL) --overwrite
	$(call train_and_test,real/bn_vanilla_300w,60)
	$(call train_and_test,real/cnt_bn_vanilla,20)
	$(call train_and_test,real/cnt_bn_vanilla_300w,40)
	$(BIN)/python tools/report.py configs/real/bn_vanilla_300w.py --out demo_output/real \
	    scratch=demo_output/real/bn_vanilla_300w CNT=demo_output/real/cnt_bn_vanilla_300w \
	    --title "YouTube Faces, 68 landmarks, 303 training faces, 729 of unseen people"

# One process a core, at most four; each computes with one thread.
test: env
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

fuzz: export OMP_NUM_THREADS := 1
fuzz: env
	PYTHONPATH=tests $(BIN)/python -m fuzz.run --cases 20000

lint: env
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

$(DOCS)/.ready: requirements/docs.txt
	$(PYTHON) -m venv $(DOCS)
	$(DOCS)/bin/pip install -q -r $<
	touch $@

docs: export NO_MKDOCS_2_WARNING := 1
docs: $(DOCS)/.ready
	$(DOCS)/bin/mkdocs build

docs-check: env
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests/docs/run_commands.py

bench: env
	$(BIN)/python benchmarks/speed/run.py

clean:
	rm -rf demo_output
