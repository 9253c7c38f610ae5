# Prerequisites: README.md. Every target works from a clean checkout.

CARGO ?= cargo
PYTHON ?= python3
VENV := target/venv

.PHONY: help demo test test-core test-cli test-interop bench lint
.DEFAULT_GOAL := help

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## make a throwaway credential and a token, and have openssl verify it
	$(CARGO) build --quiet --package scout-auth-cli
	@cli/demo.sh

test: lint test-core test-cli test-interop ## run all tests

test-core: ## test the Rust core, with each engine
	$(CARGO) test --package scout-auth --features rust-crypto
	$(CARGO) test --package scout-auth --no-default-features --features rust-crypto

test-cli: ## test the command
	$(CARGO) test --package scout-auth-cli

test-interop: $(VENV)/interop ## test the command against other people's JWT libraries
	$(CARGO) build --package scout-auth-cli
	cd tests/interop && npm ci --no-audit --no-fund && npm test
	$(VENV)/bin/python -m pytest -q -p no:cacheprovider tests/interop

$(VENV)/interop: tests/interop/requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --requirement $<
	touch $@

bench: ## measure, as ratios within one run
	$(CARGO) bench --package scout-auth --bench tokens
	$(CARGO) bench --package scout-auth --bench tokens --no-default-features --features rust-crypto
	$(CARGO) bench --package scout-auth-cli --bench process

lint: ## check formatting, lints, module order, dependencies
	$(CARGO) fmt --all --check
	$(CARGO) clippy --package scout-auth --package scout-auth-cli --all-targets --features scout-auth/rust-crypto -- --deny warnings
	$(CARGO) clippy --package scout-auth --all-targets --no-default-features --features rust-crypto -- --deny warnings
	RUSTDOCFLAGS='--deny warnings' $(CARGO) doc --quiet --no-deps --package scout-auth --package scout-auth-cli
	$(CARGO) test --quiet --package scout-auth --test structure
	$(CARGO) check --quiet --package scout-auth --no-default-features 2>&1 | grep -q 'needs an engine'
	$(CARGO) deny check --hide-inclusion-graph bans licenses sources
