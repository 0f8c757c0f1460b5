#!/usr/bin/env bash
# Runs the conformance suite against TARGET with KEY, or against a server that it
# starts on free ports with a store of its own, and stops afterwards.
set -euo pipefail
cd "$(dirname "$0")/.."

make --no-print-directory build
if [ -n "${TARGET:-}" ]; then
	exec bin/juicer conform --target "$TARGET" --key "${KEY:?set KEY to a test key of $TARGET}"
fi

. scripts/env.sh
dir=$(mktemp -d)
bin/juicer serve --data "$dir" --test-addr 127.0.0.1:0 --admin-addr 127.0.0.1:0 >"$dir/ready" 2>"$dir/log" &
server=$!
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$dir"' EXIT

for _ in $(seq 300); do
	target=$(sed -n 's/.*"test_url":"\([^"]*\)".*/\1/p' "$dir/ready")
	[ -n "$target" ] && break
	kill -0 "$server" 2>/dev/null || { cat "$dir/log" >&2; exit 1; }
	sleep 0.1
done
bin/juicer conform --target "${target:?the server did not get ready in 30 s}" --key "$(bin/juicer keys create --data "$dir" --quiet)" --move-clock
