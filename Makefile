# The one list of commands. Each sets up .venv from requirements.lock when it is missing or older than the lock.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
READY_BENCH := $(VENV)/.ready-bench
SCENARIO ?= parameters/west-midlands.yaml
PROFILE ?= quick
DATA ?= ../shared/data/prc-pfa-quarterly-2012-2023.csv.gz
FOLDER ?= build/street
NOTEBOOK_CHECK := build/notebooks

.DEFAULT_GOAL := help
.PHONY: help setup evaluate test test-long verify check notebooks bench bench-notebooks bench-street backtest sbc study docs lab schema lock clean

help: ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1	\2/p' Makefile | expand -t 22

setup: $(READY) ## create .venv from the lock

$(READY): requirements.lock
	@echo "Setting up $(VENV) from requirements.lock (once: 3 min 58 s on a shared two-processor machine)"
	@echo "1 of 4: an empty environment"
	@python=$$(sh tools/find-python.sh "$(PYTHON)") && "$$python" -m venv --clear $(VENV)
	@echo "2 of 4: the libraries, which takes longest"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
	@echo "3 of 4: victimsmodel itself"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@echo "4 of 4: compiling both engines"
	@$(BIN)/victimsmodel simulate parameters/west-midlands.yaml --option business_as_usual > /dev/null
	@$(BIN)/python -c 'import victimsmodel as vm; vm.expected_pathway(vm.load_scenario("parameters/west-midlands.yaml"))'
	@touch $(READY)

evaluate: $(READY) ## the main job: SCENARIO=parameters/west-midlands.yaml PROFILE=quick
	@$(BIN)/victimsmodel evaluate "$(SCENARIO)" --profile "$(PROFILE)"

test: $(READY) ## the fast test suite
	@$(BIN)/python -m pytest -p no:nbval -n 2 --dist loadfile -m "not long"

test-long: $(READY) ## every test, the long ones too
	@$(BIN)/python -m pytest -p no:nbval -n 2 --dist loadfile

verify: $(READY) ## the kernel against theory and continuous time: docs/verification.md
	@$(BIN)/python tests/verification/report.py

check: $(READY) ## style, types, layers, schema, notebooks without outputs, documentation without gaps
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/victimsmodel schema --check parameters/schema.json
	@$(BIN)/nbstripout --verify --extra-keys "metadata.papermill" notebooks/*.ipynb
	@$(BIN)/sphinx-build -W --keep-going -q -b dummy -D draw_figures=0 -d build/doctrees-check docs build/docs-check

notebooks: $(READY) ## re-execute the notebooks with nbval in the tiny profile
	@$(BIN)/python tools/notebooks_for_check.py "$(SCENARIO)" $(NOTEBOOK_CHECK)
	@$(BIN)/python -m pytest --nbval-lax -p no:cacheprovider -W ignore $(NOTEBOOK_CHECK)/*.ipynb

bench: $(READY_BENCH) ## the engine beside others, into docs/performance.md: 20 minutes, BENCH=--quick 5
	@$(BIN)/python benchmarks/pathway.py $(BENCH)

bench-notebooks: $(READY) ## the notebooks of an evaluation beside calls of papermill's command line, some minutes
	@$(BIN)/python benchmarks/notebooks.py

$(READY_BENCH): requirements-bench.lock $(READY)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements-bench.lock
	@touch $(READY_BENCH)

sbc: $(READY) ## whether calibration covers the truth, and the West Midlands: docs/calibration.md
	@$(BIN)/python benchmarks/sbc.py

backtest: $(READY) ## how forecasts of every force would have gone: docs/forecasting.md (DATA=../shared/data/...)
	@$(BIN)/python benchmarks/backtest.py $(DATA)

study: $(READY) ## estimates from invented contact logs beside the truth: docs/attrition-study.md, 10 to 20 minutes
	@$(BIN)/python benchmarks/attrition_study.py

docs: $(READY) ## the documentation, into build/docs: open build/docs/index.html
	@$(BIN)/sphinx-build -W --keep-going -q -b html -d build/doctrees docs build/docs

bench-street: $(READY) ## 60 million street-level rows, in FOLDER with 5 GB free, beside pandas
	@$(BIN)/python benchmarks/street.py --folder "$(FOLDER)" $(BENCH)

lab: $(READY) ## the notebooks in JupyterLab, ready to run: LAB="--no-browser --port 8890" for other settings
	@$(BIN)/jupyter lab --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/notebooks/1_demand.ipynb \
		$$(test "$$(id -u)" != 0 || echo --allow-root) $(LAB)

schema: $(READY) ## write parameters/schema.json
	@$(BIN)/victimsmodel schema --out parameters/schema.json

lock: ## renew requirements.lock and requirements-bench.lock (needs uv)
	@uv pip compile pyproject.toml --extra dev --extra cluster --extra pdf --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links -o requirements.lock
	@uv pip compile --group bench --constraint requirements.lock --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links -o requirements-bench.lock

clean: ## remove the environment and what commands made
	@rm -rf $(VENV) build
