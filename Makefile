# Everything runs in .venv and node_modules, which each target sets up by itself.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
KERNEL := kernel/pyproject.toml $(wildcard kernel/src/*) $(wildcard kernel/modelmount_kernel/*)
SCAN := .venv-scan
PEERS := .venv-peers
READY := $(VENV)/.ready node_modules/.ready
SOURCES := app.py stacks kernel lambdas local modelmount openapi benchmarks tests

export PATH := $(CURDIR)/$(BIN):$(PATH)
export CDK_DISABLE_CLI_TELEMETRY := true
# aws-cdk-lib's bridge to Node.js warns in a dozen lines of a version past its end of life; this says
# that the warning about that version is known.
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := $(shell node -p 'process.versions.node.split(".")[0]' 2> /dev/null)

.DEFAULT_GOAL := help
.PHONY: help setup synth local demo test image lint format lock sbom clean

help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

setup: $(READY) ## Install what everything below needs (each of them does it by itself)

$(VENV)/.ready: requirements.txt requirements-dev.txt docker/requirements.txt docker/requirements-no-deps.txt $(KERNEL)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; choose one with: make PYTHON=/path/to/python3"; exit 1; }
	@test -x $(BIN)/python || { echo "Creating $(VENV)"; $(PYTHON) -m venv $(VENV); }
	@echo "Installing Python packages (a minute or two)"
	@$(INSTALL) --no-deps --require-hashes --requirement docker/requirements.txt
	@$(INSTALL) --no-deps --require-hashes --requirement docker/requirements-no-deps.txt
	@$(INSTALL) --requirement requirements-dev.txt
	@if command -v cc > /dev/null; then \
		$(INSTALL) --no-deps --force-reinstall ./kernel; \
	else echo "No C compiler (cc) was found: compiled trees run in NumPy here, many times slower."; fi
	@touch $@

# Torch is large: what only the container needs is installed to test it.
$(VENV)/.container: docker/requirements-container.txt $(VENV)/.ready
	@echo "Installing the packages of SageMaker's container"
	@$(INSTALL) --requirement docker/requirements-container.txt
	@touch $@

$(SCAN)/.ready: requirements-scan.txt
	@test -x $(SCAN)/bin/python || $(PYTHON) -m venv $(SCAN)
	@echo "Installing the scanners of the templates"
	@$(SCAN)/bin/python -m pip install --quiet --disable-pip-version-check --requirement requirements-scan.txt
	@touch $@

$(PEERS)/.ready: requirements-peers.txt
	@test -x $(PEERS)/bin/python || $(PYTHON) -m venv $(PEERS)
	@echo "Installing the clients of other projects"
	@$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --requirement requirements-peers.txt
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

test: $(READY) $(VENV)/.container $(SCAN)/.ready $(PEERS)/.ready lint ## Check everything
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadgroup --no-loadscope-reorder

image: $(READY) ## Build and run the image, and deploy the stacks with it (docs/ci.md)
	@$(BIN)/python -m pytest tests/image tests/deploy

lint: $(READY) ## Check style and types
	@$(BIN)/ruff format --check --quiet $(SOURCES)
	@$(BIN)/ruff check --quiet $(SOURCES)
	@$(BIN)/mypy
	@$(BIN)/hadolint docker/Dockerfile docker/standin/Dockerfile

format: $(READY) ## Put the sources into shape
	@$(BIN)/ruff check --fix --quiet $(SOURCES)
	@$(BIN)/ruff format --quiet $(SOURCES)

lock: $(READY) ## Pin the image's packages and what they need, each file by its hash
	@docker/lock.sh

sbom: $(READY) ## Write sbom.json: what is in the image (CycloneDX)
	@cat docker/requirements.txt docker/requirements-no-deps.txt | $(BIN)/cyclonedx-py requirements - --output-reproducible --output-file sbom.json

clean: ## Remove what was made, models of the local system included
	@awk '$$2 ~ "^$(CURDIR)/.image/" {print $$2}' /proc/mounts 2> /dev/null | sort -r | xargs -r umount
	@rm -rf $(VENV) .venv-deploy $(SCAN) $(PEERS) node_modules cdk.out sbom.json .image .local kernel/build kernel/*.egg-info
