#!/usr/bin/env bash
# Fuzzes every fuzz test for FUZZTIME (default 30s), one after the other. An input
# that breaks one is written to its testdata/fuzz: keep it, it is a test from then on.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh

for package in $(go list ./...); do
	for name in $(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
		echo "== $package $name"
		go test -run '^$' -fuzz "^$name\$" -fuzztime "${FUZZTIME:-30s}" "$package"
	done
done
