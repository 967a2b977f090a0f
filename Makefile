# Everything runs in .venv and node_modules, which each target sets up by itself.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
# Several times faster than pip, which it replaces but where pip's configuration matters (torch).
INSTALL := $(UV) pip install --quiet --python
LOCKED := $(addprefix docker/requirements,.txt -no-deps.txt -container.txt)
KERNEL := kernel/pyproject.toml $(wildcard kernel/src/*) $(wildcard kernel/modelmount_kernel/*)
SCAN := .venv-scan
PEERS := .venv-peers
DEPLOY := .venv-deploy
READY := $(VENV)/.ready node_modules/.ready
EVERYTHING := $(READY) $(VENV)/.generation $(SCAN)/.ready $(PEERS)/.ready $(DEPLOY)/.ready
SIDE_BY_SIDE := --numprocesses 2 --dist loadgroup --no-loadscope-reorder
FAST := $(SIDE_BY_SIDE) -m "not slow"
FORMS := $(filter-out %/config.yml,$(wildcard .github/ISSUE_TEMPLATE/*.yml))
SOURCES := app.py stacks environment_builder kernel lambdas local modelmount first_deploy openapi policies benchmarks tests

export PATH := $(CURDIR)/$(BIN):$(PATH)
export CDK_DISABLE_CLI_TELEMETRY := true
# As pip does, uv trusts whom this machine trusts.
export UV_SYSTEM_CERTS := true
# Environments are made and sources checked side by side.
ifeq ($(filter clean,$(MAKECMDGOALS)),)
MAKEFLAGS += --jobs=2
endif
# aws-cdk-lib's bridge to Node.js warns in a dozen lines of a version past its end of life; this says
# that the warning about that version is known.
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := $(shell node -p 'process.versions.node.split(".")[0]' 2> /dev/null)

.DEFAULT_GOAL := help
.PHONY: help setup synth local demo environments unit coverage test image nfs lint format lock sbom clean

help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

setup: $(READY) ## Install what everything below needs (each of them does it by itself)

$(UV): requirements-dev.txt
	@# tarfile has its filters, without which archives aren't unpacked here, since 3.11.4.
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11, 4))' || \
		{ echo "Python 3.11.4 or newer is needed; choose one with: make PYTHON=/path/to/python3"; exit 1; }
	@test -x $(BIN)/python || { echo "Creating $(VENV)"; $(PYTHON) -m venv $(VENV); }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $$(grep '^uv==' requirements-dev.txt)
	@touch $@

$(VENV)/.ready: requirements.txt requirements-dev.txt $(LOCKED) $(KERNEL) $(UV)
	@echo "Installing Python packages"
	@$(INSTALL) $(BIN)/python --no-deps --require-hashes $(addprefix --requirement ,$(LOCKED))
	@$(INSTALL) $(BIN)/python --requirement requirements-dev.txt
	@# A package that it needs has a file of the same path; the last one written counts, and uv writes in any order.
	@$(INSTALL) $(BIN)/python --no-deps --reinstall-package aws-cdk-lib --requirement requirements.txt
	@if command -v cc > /dev/null; then \
		$(INSTALL) $(BIN)/python --no-deps --reinstall-package modelmount-kernel ./kernel; \
	else echo "No C compiler (cc) was found: compiled trees run in NumPy here, many times slower."; fi
	@touch $@

# Torch is large: it is installed to test text generation, by pip, whose configuration may say where
# one without NVIDIA's libraries is.
$(VENV)/.generation: docker/requirements-generation.txt docker/requirements-torch.in $(VENV)/.ready
	@echo "Installing the packages that generate text"
	@$(INSTALL) $(BIN)/python --no-deps --require-hashes --requirement docker/requirements-generation.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --requirement docker/requirements-torch.in
	@touch $@

$(SCAN)/.ready: requirements-scan.txt $(UV)
	@echo "Installing the scanners of the templates"
	@$(UV) venv --quiet --allow-existing --python $(PYTHON) $(SCAN)
	@$(INSTALL) $(SCAN) --requirement requirements-scan.txt
	@touch $@

$(PEERS)/.ready: requirements-peers.txt $(UV)
	@echo "Installing the clients of other projects"
	@$(UV) venv --quiet --allow-existing --python $(PYTHON) $(PEERS)
	@$(INSTALL) $(PEERS) --requirement requirements-peers.txt
	@touch $@

$(DEPLOY)/.ready: tests/deploy/requirements.txt $(UV)
	@echo "Installing what the stacks are deployed to"
	@$(UV) venv --quiet --allow-existing --python $(PYTHON) $(DEPLOY)
	@$(INSTALL) $(DEPLOY) --requirement tests/deploy/requirements.txt
	@touch $@

node_modules/.ready: package.json package-lock.json
	@command -v npm > /dev/null || { echo "Node.js with npm is needed for the CDK command line."; exit 1; }
	@echo "Installing the CDK command line"
	@npm ci --silent --no-fund --no-audit
	@touch $@

synth: $(READY) ## Write the CloudFormation templates to cdk.out
	@npx --no-install cdk synth --quiet --no-notices

local: synth ## Run the whole system on this machine until Ctrl-C (API_PORT, S3_PORT choose ports)
	@$(BIN)/python -m local

demo: synth ## Upload real models to a local system and compare its answers (KEEP=1 leaves it up)
	@$(BIN)/python -m local.demo $(if $(KEEP),--keep)

environments: $(READY) ## Build what models of other library versions need (NAMES="sklearn-1.5 …" builds a few)
	@$(BIN)/python -m environment_builder --to .environments $(if $(shell command -v cc),--kernel kernel) $(NAMES)

unit: $(READY) ## Run the tests that start no server and need no image (two minutes and a half)
	@$(BIN)/python -m pytest $(FAST) --durations 5 --durations-min 2

coverage: $(READY) ## Run the same tests more slowly, and tell which share of the lines they reach
	@$(BIN)/python -m pytest $(FAST) --cov

test: $(EVERYTHING) lint ## Check everything (one file: .venv/bin/python -m pytest tests/docs/test_links.py)
	@# Nothing may be skipped for want of an install: all of it is there.
	@MODELMOUNT_ALL=1 $(BIN)/python -m pytest $(SIDE_BY_SIDE)

image: $(READY) $(DEPLOY)/.ready ## Build and run the image, and deploy the stacks with it (docs/ci.md)
	@$(BIN)/python -m pytest tests/image tests/deploy

nfs: $(READY) ## Try the repository at length on a real NFS client and server (half an hour; docs/ci.md)
	@$(BIN)/python -m tests.nfs.full_run

lint: $(READY) ## Check style and types
	@$(BIN)/ruff format --check --quiet $(SOURCES)
	@$(BIN)/ruff check --quiet $(SOURCES)
	@$(BIN)/mypy --num-workers 2
	@$(BIN)/hadolint docker/Dockerfile docker/standin/Dockerfile
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows $(wildcard .github/workflows/*)
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-issue-forms $(FORMS)
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
	@$(BIN)/zizmor --offline --quiet --no-progress .github

format: $(READY) ## Put the sources into shape
	@$(BIN)/ruff check --fix --quiet $(SOURCES)
	@$(BIN)/ruff format --quiet $(SOURCES)

lock: $(READY) ## Pin the images' packages and what they need, each file by its hash
	@docker/lock.sh

sbom: $(READY) ## Write sbom-*.json: what is in the images (CycloneDX)
	@docker/sbom.sh .

clean: ## Remove what was made, models of the local system included
	@awk '$$2 ~ "^$(CURDIR)/.image/" {print $$2}' /proc/mounts 2> /dev/null | sort -r | xargs -r umount
	@rm -rf $(VENV) $(SCAN) $(PEERS) $(DEPLOY) node_modules cdk.out sbom-*.json .image .environments .local .nfs \
		build dist kernel/build *.egg-info kernel/*.egg-info
