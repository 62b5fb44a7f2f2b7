.DEFAULT_GOAL := help
.PHONY: help setup test fmt check clippy doc deny unit it scim schemathesis faults browser shots generate

help: ## Say what can be made
	@sed -nE 's/^([a-z]+):.*## (.*)/make \1\t\2/p' Makefile | expand -t 18

setup: ## Install what the checks need (Debian), or say what to install
	@scripts/setup

test: setup ## Everything: format, types, deny, clippy, docs, unit, integration on both engines, SCIM, the API, faults, browser
	@scripts/check

fmt: ## Format the code
	@cargo fmt --all

check: setup ## The checks that run no test: format, types, deny, clippy, docs
	@scripts/check fmt types deny clippy doc

clippy: ## Lints, warnings as errors
	@scripts/check clippy

doc: ## The code's own documentation, warnings as errors
	@scripts/check doc

deny: setup ## Licences, bans, sources and, where the network allows, advisories of the dependencies
	@scripts/check deny

unit: ## Unit and property tests
	@scripts/check unit

it: setup ## Integration tests on SQLite and on a private PostgreSQL
	@scripts/check build it

scim: setup ## A tester of SCIM against a desk on each engine
	@scripts/check build scim

schemathesis: setup ## A tester of APIs against a desk on each engine
	@scripts/check build schemathesis

faults: setup ## Break a server under load on each engine, after each planted fault was found
	@scripts/check faults

browser: setup ## Browser tests against the debug binary
	@scripts/check build browser

shots: setup ## Take the pictures of the README and the guide; TENURE_SHOTS=FOLDER takes every screen
	@scripts/check build
	@npm run --prefix browser --silent shots

generate: ## Write the generated files anew
	@scripts/drift --update
