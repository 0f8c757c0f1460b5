#!/usr/bin/env bash
# Runs the retry vectors through the three SDKs: those of the repository, or VECTORS=FILE
# of the same form. "scripts/vectors.sh control" shows that a wrong vector is noticed;
# "scripts/vectors.sh random" compares the three on random cases (JUICER_RANDOM_SEED).
set -euo pipefail
cd "$(dirname "$0")/.."

file=$(realpath "${VECTORS:-spec/vectors/retry.json}")
[ -r "$file" ] || {
	echo "make vectors: VECTORS=$file cannot be read" >&2
	exit 1
}

# all FILE runs the three suites and names those that disagree.
all() {
	local language disagree=()
	for language in go node python; do
		JUICER_RETRY_VECTORS=$1 "scripts/sdk-$language.sh" vectors || disagree+=("$language")
	done
	[ ${#disagree[@]} -eq 0 ] && return
	printf 'make vectors: does not agree with %s: %s\n' "$1" "${disagree[*]}" >&2
	return ${#disagree[@]}
}

# control plants one wrong delay and wants all three to notice.
control() {
	local planted noticed=0
	planted=$(mktemp)
	sed '0,/"delay_ms": *\([0-9]*\)/s//"delay_ms": 1\1/' "$file" >"$planted"
	if cmp -s "$file" "$planted"; then
		echo "make vectors: no delay to change in $file" >&2
		return 1
	fi
	all "$planted" >/dev/null 2>&1 || noticed=$?
	rm -f "$planted"
	echo "a wrong delay was noticed by $noticed of 3 suites"
	[ "$noticed" -eq 3 ]
}

# random lets one SDK decide cases that nobody wrote, and the others agree.
random() {
	local cases agreed=0
	cases=$(mktemp)
	JUICER_RANDOM_VECTORS=$cases scripts/sdk-go.sh random
	all "$cases" || agreed=$?
	rm -f "$cases"
	return "$agreed"
}

case "${1:-all}" in
control) control ;;
random) random ;;
*) all "$file" ;;
esac
