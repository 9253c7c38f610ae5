# Prerequisites: README.md. Every target works from a clean checkout.

CARGO ?= cargo
PYTHON ?= python3
VENV := target/venv
BIN := $(CURDIR)/$(VENV)/bin
HOST = $(shell rustc -vV | sed -n 's/^host: //p')

.PHONY: help demo test test-core test-cli test-python test-node test-c test-sanitize test-install test-vectors test-requests install-c mutants fuzz coverage dist bench lint
.DEFAULT_GOAL := help

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## make a throwaway credential and a token, and have openssl verify it
	$(CARGO) build --quiet --package scout-auth-cli
	@cli/demo.sh

test: lint test-core test-cli test-python test-node test-c test-vectors test-requests ## run all tests

test-core: ## test the Rust core, with each engine
	$(CARGO) test --package scout-auth-fork
	$(CARGO) test --package scout-auth --features rust-crypto
	$(CARGO) test --package scout-auth --no-default-features --features rust-crypto

test-cli: ## test the command
	$(CARGO) test --package scout-auth-cli

test-python: $(VENV)/installed ## test the Python package, its types and its stubs
	cd python && . $(BIN)/activate && maturin develop --locked --quiet --features panic-hook \
	    && pytest -q -p no:cacheprovider && mypy && pyright && cd tests && python -m mypy.stubtest scout_auth

test-node: node/node_modules ## test the Node package, its types and what it publishes
	cd node && npm run build && npm test && npm run lint

test-c: ## test the C library, its header and its examples
	$(CARGO) test --package scout-auth-c
	$(CARGO) build --package scout-auth-c
	cmake -S c/tests -B target/c-tests && cmake --build target/c-tests
	ctest --test-dir target/c-tests --output-on-failure

test-sanitize: ## test the C library under AddressSanitizer and ThreadSanitizer
	c/tests/sanitize.sh address
	c/tests/sanitize.sh thread

mutants: ## change core's code here and there and see its tests fail; needs cargo-mutants, takes an hour
	$(CARGO) mutants --package scout-auth --timeout 90

# Its sanitizer needs RUSTC_BOOTSTRAP with a stable compiler, and knows nothing of link-time optimisation.
fuzz: export RUSTC_BOOTSTRAP = 1
fuzz: export CARGO_PROFILE_RELEASE_LTO = off
fuzz: ## look for texts that break the core, FOR seconds (300) at each target; needs cargo-fuzz
	mkdir -p target/fuzz/key target/fuzz/token target/fuzz/url
	cp tests/vectors/files/first.* target/fuzz/key
	for target in key token url; do \
	    $(CARGO) fuzz run --fuzz-dir core/fuzz $$target target/fuzz/$$target core/fuzz/seeds/$$target \
	        -- -max_len=4096 -max_total_time=$(or $(FOR),300) -artifact_prefix=target/fuzz/ || exit; \
	done

coverage: ## write docs/coverage.md; needs cargo-tarpaulin
	$(PYTHON) tests/coverage.py

test-install: ## test what install-c lays down; needs cargo-c
	c/tests/install.sh

install-c: ## install the C library; PREFIX (/usr/local) and DESTDIR are honoured
	PREFIX='$(PREFIX)' DESTDIR='$(DESTDIR)' c/install.sh

test-vectors: $(VENV)/installed tests/interop/node_modules ## run one set of cases in every language, after the tests of the languages
	$(CARGO) build --package scout-auth-vectors --no-default-features --features rust-crypto
	cp target/debug/scout-auth-vectors target/debug/scout-auth-vectors-rsa
	$(CARGO) build --package scout-auth-vectors --package scout-auth-cli --package scout-auth-c
	$(PYTHON) tests/run.py --falsify
	$(PYTHON) tests/run.py
	git diff --exit-code docs/matrix.md node/lib c/include

test-requests: $(VENV)/installed ## send real requests from each HTTP client, after the tests of the languages
	$(CARGO) build --package scout-auth-cli --package scout-auth-c
	$(BIN)/python -m pytest -q tests/requests

$(VENV)/installed: python/requirements-dev.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --requirement $<
	touch $@

# Not npm ci: the lock file lacks the optional packages of other platforms than those it was made on.
%/node_modules: %/package-lock.json
	cd $* && npm install --no-save --no-audit --no-fund
	touch $@

# zig links for the glibc 2.28 of manylinux_2_28 and of Node 20; gcc's libraries would want that of this machine.
dist: export PATH := $(BIN):$(PATH)
dist: $(VENV)/installed node/node_modules ## build and check what is published for Python and Node, in target/dist
	rm -rf target/dist
	pip install --quiet --requirement python/requirements-dist.txt
	maturin build --manifest-path python/Cargo.toml --release --sdist --compression-level 9 --out target/dist \
	    --zig --compatibility manylinux_2_28 --target $(HOST)
	twine check --strict target/dist/*
	abi3audit --strict target/dist/*.whl
	cd node && node scripts/native.mjs lib --release --target $(HOST).2.28 && npm run build:js
	cd node && node scripts/pack.mjs && mv npm/*.tgz ../target/dist

bench: dist ## measure, as ratios within one run
	$(CARGO) bench --package scout-auth --bench tokens
	$(CARGO) bench --package scout-auth --bench tokens --no-default-features --features rust-crypto
	$(CARGO) bench --package scout-auth-cli --bench process
	$(PYTHON) -m venv target/venv-bench && target/venv-bench/bin/pip install --quiet --requirement python/requirements-dev.txt
	target/venv-bench/bin/pip install --quiet --force-reinstall --no-deps target/dist/scout_auth-*.whl
	target/venv-bench/bin/python python/bench/bench.py
	cd node && npm run bench
	c/bench/run.sh

lint: $(VENV)/installed ## check formatting, lints, module order, dependencies
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --features scout-auth/rust-crypto -- --deny warnings
	$(CARGO) clippy --package scout-auth --all-targets --no-default-features --features rust-crypto -- --deny warnings
	RUSTDOCFLAGS='--deny warnings' $(CARGO) doc --quiet --no-deps --package scout-auth --package scout-auth-cli
	$(CARGO) test --quiet --package scout-auth --features rust-crypto --test structure
	$(CARGO) check --quiet --package scout-auth --no-default-features 2>&1 | grep -q 'needs an engine'
	$(CARGO) deny check --hide-inclusion-graph bans licenses sources
	cd python && $(BIN)/ruff check --quiet . && $(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet --config python/pyproject.toml tests
	$(BIN)/ruff format --check --quiet --config python/pyproject.toml tests
	clang-format --style=file:c/.clang-format --dry-run --Werror c/include/*.hpp c/*/*.c c/*/*.cpp c/tests/*.h \
	    tests/*/*.c tests/*/*/*.[ch] tests/*/*/*.cpp
