#!/usr/bin/env bash
# The Go SDK: setup | test | vectors | random | policy | bench | storm.
#   test     everything, against bin/juicer or JUICER_BIN
#   vectors  the retry vectors alone, of spec/vectors or JUICER_RETRY_VECTORS
#   random   writes random vectors with their decisions to JUICER_RANDOM_VECTORS (JUICER_RANDOM_SEED)
#   policy   the fastest tests of the decisions, for runs with mutants
#   bench    cost of a call beside net/http, against JUICER_BENCH_URL or a server of its own
#   storm    10,000 disturbed calls (JUICER_STORM_CALLS, JUICER_STORM_SEED)
set -euo pipefail
cd "$(dirname "$0")/.."

kept=()
for name in JUICER_RETRY_VECTORS JUICER_BIN JUICER_BENCH_URL JUICER_STORM_CALLS JUICER_STORM_SEED JUICER_RANDOM_VECTORS JUICER_RANDOM_SEED; do
	[ -z "${!name:-}" ] || kept+=("$name=${!name}")
done
. scripts/env.sh
[ ${#kept[@]} -eq 0 ] || export "${kept[@]}"

# The SDK is a module of its own, and must build without the repository around it.
export GOWORK=off
cd sdk/go

server() {
	if [ -z "${JUICER_BIN:-}" ]; then
		(cd ../.. && go build -o bin/juicer ./cmd/juicer)
		export JUICER_BIN="$PWD/../../bin/juicer"
	fi
}

# vectors counts the cases that agreed; the test names each that does not.
vectors() {
	local out
	if ! out=$(go test -count=1 -v -run 'TestEveryRetryVectorAgrees' . 2>&1); then
		printf '%s\n' "$out" | grep -v -- '--- PASS\|=== ' >&2
		echo "sdk-go vectors: FAILED" >&2
		return 1
	fi
	printf 'sdk-go vectors: %s agree\n' "$(printf '%s\n' "$out" | grep -Eo '[0-9]+ cases' | tail -n 1)"
}

bench() {
	local dir url feed
	dir=$(mktemp -d)
	trap 'rm -rf "$dir"' RETURN
	go build -o "$dir/bench" ./bench
	if [ -n "${JUICER_BENCH_URL:-}" ]; then
		"$dir/bench"
		return
	fi
	coproc SERVER { "$dir/bench" -serve; }
	feed=${SERVER[1]}
	read -r url <&"${SERVER[0]}"
	JUICER_BENCH_URL=$url "$dir/bench"
	eval "exec $feed>&-"
}

case "${1:-}" in
setup)
	go mod download
	(cd otel && go mod download)
	;;
test)
	server
	go vet ./...
	go test -race -timeout 20m ./...
	(cd otel && go vet ./... && go test -race ./...)
	;;
vectors) vectors ;;
random) go test -count=1 -v -run TestRandomVectors . | grep -E "seed|FAIL|ok" ;;
policy) # these files alone: little to compile, little to link
	go test -vet=off -count=1 policy.go wait.go envelope.go budget.go models.go vectors_test.go policy_test.go
	;;
bench) bench ;;
storm)
	server
	go test -count=1 -timeout 30m -v -run 'TestS12' .
	;;
*)
	sed -n '2,8p' ../../scripts/sdk-go.sh
	exit 2
	;;
esac
