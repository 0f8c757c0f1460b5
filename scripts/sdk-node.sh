#!/usr/bin/env bash
# The Node.js SDK: sdk-node.sh setup | test | vectors | policy | bench | storm
#   setup    installs what the tests need below sdk/node, and builds dist/
#   test     everything, against bin/juicer or JUICER_BIN; needs no network after setup
#   vectors  only the retry vectors, of JUICER_RETRY_VECTORS if set
#   policy   vectors and unit tests of the pure parts, on dist/ as it lies there
#   bench    one JSON line: a call through the SDK beside global fetch, on JUICER_BENCH_URL
#   storm    JUICER_STORM_CALLS calls (10000) with faults of all kinds, seed JUICER_STORM_SEED
set -euo pipefail
cd "$(dirname "$0")/.."

# A developer's settings of JUICER_* must not reach the tests; these are ours.
kept=()
for name in JUICER_BIN JUICER_RETRY_VECTORS JUICER_BENCH_URL JUICER_STORM_CALLS JUICER_STORM_SEED; do
	[ -z "${!name:-}" ] || kept+=("$name=${!name}")
done
. scripts/env.sh
[ ${#kept[@]} -eq 0 ] || export "${kept[@]}"

root=$PWD
cd sdk/node

setup() {
	"$root/scripts/need.sh" node
	if ! cmp -s package-lock.json node_modules/.installed; then
		npm ci --no-audit --no-fund --silent
		cp package-lock.json node_modules/.installed
	fi
}

# build writes dist/ if a source is newer.
build() {
	setup
	local stamp=node_modules/.built
	if [ ! -d dist ] || [ ! -f $stamp ] || [ -n "$(find src tsconfig*.json cjs.json package.json -newer $stamp -print -quit)" ]; then
		rm -rf dist
		npm run --silent build
		touch $stamp
	fi
}

binary() {
	export JUICER_BIN="${JUICER_BIN:-$root/bin/juicer}"
	[ -x "$JUICER_BIN" ] || make -C "$root" --no-print-directory build
}

# run gives the files to node's test runner; a skipped or unfinished test fails the run.
run() {
	local report
	report=$(mktemp)
	node --test --test-concurrency=2 --test-reporter=spec --test-reporter-destination=stdout \
		--test-reporter=tap --test-reporter-destination="$report" "$@" || { rm -f "$report"; return 1; }
	local skipped
	skipped=$(grep -E '^# (skipped|cancelled|todo) [1-9]' "$report" || true)
	rm -f "$report"
	[ -z "$skipped" ] || { echo "sdk-node: not all tests ran: $skipped" >&2; return 1; }
}

case "${1:-}" in
setup)
	build
	;;
test)
	build
	binary
	run test/*.test.mjs
	;;
vectors)
	build
	node --test-reporter=spec test/vectors.test.mjs
	;;
policy)
	[ -f dist/esm/policy.js ] || build
	node --test-reporter=dot test/pure.mjs
	;;
bench)
	build
	node bench/calls.mjs
	;;
storm)
	build
	binary
	export JUICER_STORM_CALLS="${JUICER_STORM_CALLS:-10000}"
	node --test-reporter=spec test/storm.test.mjs
	;;
*)
	sed -n '2,8s/^# //p' "$root/scripts/sdk-node.sh" >&2
	exit 2
	;;
esac
