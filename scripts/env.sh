#!/usr/bin/env bash
# To be sourced: the same environment for every build and test, whoever runs it.
set -euo pipefail

export LC_ALL=C TZ=UTC

# A developer's own settings must not reach the servers that tests start.
for name in $(compgen -e JUICER_ || true); do
	unset "$name"
done

# git refuses to read a clone that another user owns; the build can do without it.
if ! git status >/dev/null 2>&1; then
	export GOFLAGS="${GOFLAGS:-} -buildvcs=false"
fi
