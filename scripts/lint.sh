#!/usr/bin/env bash
# Checks that need no test to run. The linter's version is pinned in tools/go.mod.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh

scripts/format.sh
go mod tidy -diff
go vet ./...
go tool -modfile=tools/go.mod staticcheck ./...
echo "make lint: formatting, go.mod, go vet and staticcheck have nothing to say"
