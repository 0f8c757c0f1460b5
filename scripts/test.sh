#!/usr/bin/env bash
# Every test there is, in the order from cheap to dear. Nothing is skipped: what a
# test needs is installed first, or its absence ends the run.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh

ran=()
now=

step() {
	local began=$SECONDS
	now=$1
	shift
	printf '== %s\n' "$now"
	"$@"
	ran+=("$now ($((SECONDS - began)) s)")
}
trap '[ $? -eq 0 ] || echo "make test: FAILED at: $now" >&2' EXIT

step "what this machine has" scripts/need.sh
step "generated files" go run ./cmd/spec -check
step "formatting" scripts/format.sh
step "go vet" go vet ./...
step "go test -race" go test -race -timeout 30m ./...
# The driver of PostgreSQL was watched for races above; what runs on it here is the same
# code as above, with more random histories.
step "go test, on PostgreSQL" env JUICER_TEST_STORE=postgres go test -timeout 30m ./...
step "the SDK for Go" scripts/sdk-go.sh test
step "the SDK for Node.js" scripts/sdk-node.sh test
step "the SDK for Python" scripts/sdk-python.sh test
step "the three SDKs agree on random cases" scripts/vectors.sh random
step "a wrong retry vector is noticed" scripts/vectors.sh control
step "the contract, against a server of its own" scripts/conform.sh
step "the contract, against a server on PostgreSQL" env STORE=postgres scripts/conform.sh

printf 'make test: all green in %d s; ran:' "$SECONDS"
printf ' %s;' "${ran[@]}"
printf ' nothing was skipped\n'
