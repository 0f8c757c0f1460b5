#!/usr/bin/env bash
# Runs the conformance suite against TARGET with KEY, or against a server that it
# starts on free ports with a store of its own, and stops afterwards. The store is
# SQLite, or PostgreSQL with STORE=postgres.
set -euo pipefail
cd "$(dirname "$0")/.."

make --no-print-directory build
if [ -n "${TARGET:-}" ]; then
	exec bin/juicer conform --target "$TARGET" --key "${KEY:?set KEY to a test key of $TARGET}"
fi

. scripts/env.sh
case "${STORE:=sqlite} ${1:+started}" in
"sqlite "|"postgres started") ;;
"postgres ") exec scripts/postgres.sh bash -c 'exec scripts/conform.sh "$JUICER_DATABASE"' ;;
*) echo "STORE is $STORE; it must be sqlite or postgres" >&2; exit 64 ;;
esac

dir=$(mktemp -d)
at=(--data "$dir" ${1:+--database "$1"})
bin/juicer serve "${at[@]}" --test-addr 127.0.0.1:0 --admin-addr 127.0.0.1:0 >"$dir/ready" 2>"$dir/log" &
server=$!
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$dir"' EXIT

for _ in $(seq 300); do
	target=$(sed -n 's/.*"test_url":"\([^"]*\)".*/\1/p' "$dir/ready")
	[ -n "$target" ] && break
	kill -0 "$server" 2>/dev/null || { cat "$dir/log" >&2; exit 1; }
	sleep 0.1
done
bin/juicer conform --target "${target:?the server did not get ready in 30 s}" --key "$(bin/juicer keys create "${at[@]}" --quiet)" --move-clock
