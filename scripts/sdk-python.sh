#!/usr/bin/env bash
# The Python SDK's own commands:
#   setup    installs what the tests need, into sdk/python/.venv
#   test     every test, against bin/juicer or JUICER_BIN
#   vectors  the retry vectors, of the repository or JUICER_RETRY_VECTORS
#   policy   vectors and unit tests of the decisions: the fastest run
#   storm    many calls under faults: JUICER_STORM_CALLS, JUICER_STORM_SEED
#   bench    what a call costs beside bare httpx, against JUICER_BENCH_URL
set -euo pipefail

# env.sh takes every JUICER_ setting away; these are for us.
vectors=${JUICER_RETRY_VECTORS:-} bin=${JUICER_BIN:-} url=${JUICER_BENCH_URL:-}
calls=${JUICER_STORM_CALLS:-} seed=${JUICER_STORM_SEED:-}
cd "$(dirname "$0")/.."
. scripts/env.sh
for name in vectors:JUICER_RETRY_VECTORS bin:JUICER_BIN url:JUICER_BENCH_URL calls:JUICER_STORM_CALLS seed:JUICER_STORM_SEED; do
	value=${name%%:*}
	[ -z "${!value}" ] || export "${name#*:}=${!value}"
done

sdk=$PWD/sdk/python
python=$sdk/.venv/bin/python
export PYTHONPATH=$sdk/src PYTHONDONTWRITEBYTECODE=1

setup() {
	local done=$sdk/.venv/requirements.installed
	cmp -s "$sdk/requirements-dev.txt" "$done" && return
	[ -x "$python" ] || python3 -m venv "$sdk/.venv"
	"$python" -m pip install --quiet -r "$sdk/requirements-dev.txt"
	cp "$sdk/requirements-dev.txt" "$done"
}

server() {
	[ -z "${JUICER_BIN:-}" ] || return 0
	[ -x bin/juicer ] || go build -o bin/juicer ./cmd/juicer
	export JUICER_BIN=$PWD/bin/juicer
}

# tests FILES... runs pytest, which must neither skip nor expect failures.
tests() { (cd "$sdk" && "$python" -m pytest -p no:cacheprovider -q "$@"); }

case "${1:-}" in
setup) setup ;;
test)
	setup
	server
	(cd "$sdk" && MYPYPATH=src "$python" -m mypy --strict -p juicer && "$python" -m mypy --strict tests samples)
	tests tests
	;;
vectors)
	setup
	tests -s tests/test_vectors.py
	;;
policy)
	setup
	tests -x tests/test_vectors.py tests/test_policy.py tests/test_wait.py tests/test_envelope.py tests/test_budget.py
	;;
storm)
	setup
	server
	export JUICER_STORM_CALLS=${JUICER_STORM_CALLS:-10000}
	tests -s tests/test_storm.py
	;;
bench)
	setup
	"$python" "$sdk/bench/overhead.py"
	;;
*)
	sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
	exit 2
	;;
esac
