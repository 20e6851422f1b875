# Artel's commands; `make` lists them. Rust and a C compiler are enough for all but `contract`, which says what it needs.
.DEFAULT_GOAL := help
.PHONY: help run demo test check openapi contract bench fmt audit
artel := cargo run -p artel-api --bin artel --

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## build and serve on an SQLite database under ./data
	$(artel) serve

demo: export ARTEL_DATABASE_URL ?= sqlite://data/demo.db
demo: ## the same with a demo organisation to sign in to, in a database of its own
	$(artel) demo

test: ## every test, on SQLite and on a PostgreSQL that is found or started
	cargo build -p artel-api --bin artel
	scripts/with-postgres cargo test --workspace --no-fail-fast

check: ## form, lints, rustdoc, budgets, and the published document in step
	cargo fmt --all --check
	scripts/budget
	cargo clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items
	$(artel) openapi | diff openapi/openapi.json - || { echo "openapi/openapi.json is out of step: make openapi"; exit 1; }

openapi: ## write openapi/openapi.json anew
	$(artel) openapi > openapi/openapi.json.new
	mv openapi/openapi.json.new openapi/openapi.json

contract: .tools/contract/ready ## the published document and a demo server, under independent tools
	cargo build -p artel-api --bin artel
	scripts/with-postgres .tools/contract/python/bin/python tests/contract/run.py target/debug/artel .tools/contract

.tools/contract/ready: tests/contract/install tests/contract/package-lock.json tests/contract/requirements.txt
	$< .tools/contract && touch $@

bench: ## speed of the release build on PostgreSQL, beside pgbench; BENCH=--help says more
	cargo build --release -p artel-api --bin artel
	scripts/with-postgres cargo run --release -p artel-bench -- $(BENCH)

fmt: ## lay out all Rust code
	cargo fmt --all

audit: ## advisories, licences and bans of the dependencies
	scripts/audit
