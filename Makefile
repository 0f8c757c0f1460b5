# Every target is a command of one line; what takes more is a script in scripts/.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run build test lint lint-deep spec vectors mutate bench bench-sdks conform fuzz vuln clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## Start Juicer in ./data with a fresh test key, and print requests to paste
	@exec bin/juicer quickstart --data ./data

build: ## Build bin/juicer
	@scripts/need.sh go
	@. scripts/env.sh && go build -o bin/juicer ./cmd/juicer

test: ## Run every test; installs what is missing where it may
	@scripts/test.sh

lint: ## Check formatting, go.mod, go vet and staticcheck
	@scripts/lint.sh

lint-deep: lint ## The same, then golangci-lint (builds it first: some minutes)
	@go tool -modfile=tools/golangci/go.mod golangci-lint run ./...

spec: ## Write the generated files again (spec/, docs/) from the code
	@go run ./cmd/spec

vectors: build ## Run the retry vectors through the three SDKs: VECTORS=FILE for another file
	@scripts/vectors.sh

mutate: ## Break the retry policies of the SDKs in every small way; their tests must notice
	@for sdk in go node python; do scripts/sdk-$$sdk.sh setup; done
	@go run ./lab/mutate

bench-sdks: build ## Measure what a call costs through each SDK beside the bare HTTP client
	@go run ./bench/sdks

bench: ## Measure durable captures through HTTP against the bare database
	@scripts/need.sh go initdb
	@go run ./bench

conform: ## Check a server against the contract: TARGET=URL KEY=KEY, or one of its own (STORE=postgres)
	@scripts/conform.sh

fuzz: ## Fuzz every fuzz test for a while each: FUZZTIME=30s
	@scripts/fuzz.sh

vuln: ## Look the dependencies up in Go's vulnerability database (needs the internet)
	@go tool -modfile=tools/go.mod govulncheck ./...

clean: ## Remove what was built; ./data stays
	@rm -rf bin
