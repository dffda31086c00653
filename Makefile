# ClearHER: what a person types. Every target works offline once `make setup` has run.
SHELL := /bin/bash
.ONESHELL:
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

BASE_PYTHON ?= python3
PYTHON := .venv/bin/python
CORES ?= 2
SUBJECTS ?= 42
SEED ?= 1
DEMO ?= demo
NO_RESULTS = $(error name the cut: make $@ RESULTS=path/to/results/CUT)
export PYTHONPATH := workflow/scripts
export PYTHONHASHSEED := 0

.PHONY: help setup demo test test-system lint format lock docs validate bench verify-published explain verify freeze clean

help:  ## List the targets
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

setup: .venv/ready  ## Install everything into .venv, pinned versions with hashes

.venv/ready: workflow/envs/requirements.txt
	@$(BASE_PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' \
		|| { echo "ClearHER needs Python 3.11 to 3.13; set BASE_PYTHON=/path/to/python3.11"; exit 1; }
	@$(BASE_PYTHON) -c 'import ensurepip' 2>/dev/null \
		|| { echo "Python lacks venv; on Debian: apt-get install python3-venv"; exit 1; }
	$(BASE_PYTHON) -m venv .venv
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes \
		-r workflow/envs/requirements.txt
	touch .venv/ready

demo: setup  ## Simulate a trial, run the whole workflow on it, compare with the truth
	@rm -rf "$(DEMO)"
	$(PYTHON) -m clearher.simulate --out "$(DEMO)" --subjects $(SUBJECTS) --seed $(SEED)
	$(PYTHON) -m snakemake --cores $(CORES) --quiet rules --directory "$(DEMO)" \
		--configfile "$(DEMO)/config.yaml" >/dev/null
	@echo; echo "Against the simulated truth:"
	@$(PYTHON) -m clearher.simulate.compare "$(DEMO)/truth" "$(DEMO)"/results/*
	@echo; cat "$(DEMO)"/results/*/report/summary.txt
	@echo "Open $(DEMO)/$$(cd "$(DEMO)" && ls results/*/report/report.html)"

test: setup lint  ## Lint and every test that needs no root
	$(PYTHON) -m pytest -q -n $(CORES) --dist worksteal -m "not system"

test-system: setup  ## Install what the remaining tests need (Debian, root) and run those
	bash tests/install_system.sh
	$(PYTHON) -m pytest -q -n $(CORES) --dist worksteal -m system

lint: setup
	$(PYTHON) -m ruff check --no-cache .
	$(PYTHON) -m ruff format --no-cache --check .
	$(PYTHON) -m snakefmt --check workflow
	$(PYTHON) tests/lint_workflow.py

format: setup  ## Format Python and Snakemake code
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .
	$(PYTHON) -m snakefmt workflow

lock: setup  ## Pin the versions of environment.yml anew (needs the package index)
	$(PYTHON) -m pip install --quiet --disable-pip-version-check uv
	$(PYTHON) tests/requirements.py > workflow/envs/requirements.in
	$(PYTHON) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--no-annotate workflow/envs/requirements.in -o workflow/envs/requirements.txt

validate: setup  ## Simulation studies; writes their tables into docs/methods.md (the better part of an hour)
	$(PYTHON) tests/validation/ctdna_operating.py
	$(PYTHON) tests/validation/association_type1.py

verify-published: setup  ## Derive published HER2 results again from their counts
	$(PYTHON) tests/validation/verify_published.py

bench: .venv/peers  ## Time against peers and over cohort sizes; writes docs/performance.md
	$(PYTHON) tests/bench/peers.py
	$(PYTHON) tests/bench/clinical.py
	$(PYTHON) tests/bench/association.py
	$(PYTHON) tests/bench/scale.py

.venv/peers: .venv/ready tests/bench/requirements.txt
	$(BASE_PYTHON) -m venv .venv/peers-env
	.venv/peers-env/bin/python -m pip install --quiet --disable-pip-version-check \
		-r tests/bench/requirements.txt
	touch .venv/peers

docs: setup  ## Generate docs/outputs.md, config/README.md and the package listing
	$(PYTHON) tests/generate_docs.py

explain: setup  ## Print one subject's derivation: make explain RESULTS=results/CUT SUBJECT=ID
	@$(PYTHON) -m clearher.report.explain "$(or $(RESULTS),$(NO_RESULTS))" \
		"$(or $(SUBJECT),$(error name the subject: make $@ RESULTS=path/to/results/CUT SUBJECT=ID))"

verify: setup  ## Compare a finished cut with its manifest: make verify RESULTS=results/CUT
	@$(PYTHON) -m clearher.report.verify "$(or $(RESULTS),$(NO_RESULTS))"

freeze: setup  ## Freeze a finished cut against any change: make freeze RESULTS=results/CUT
	@$(PYTHON) -m clearher.report.freeze "$(or $(RESULTS),$(NO_RESULTS))"

clean:  ## Remove the demo and caches, keep .venv
	rm -rf "$(DEMO)" .pytest_cache .ruff_cache .hypothesis
