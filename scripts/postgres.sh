#!/usr/bin/env bash
# Runs a command beside an empty PostgreSQL of its own, whose URL the command finds in
# JUICER_DATABASE. It listens on a private socket alone, and goes when the command ends:
#   scripts/postgres.sh make run
set -euo pipefail

"$(dirname "$0")/need.sh" initdb
PATH+=$(printf ':%s' /usr/lib/postgresql/*/bin) # where Debian keeps what is not for everyone
dir=$(mktemp -d /tmp/juicer-postgres-XXXXXX)    # the path of a socket must be short
as=()
if [ "$(id -u)" -eq 0 ]; then # PostgreSQL refuses to run as root
	as=(setpriv --reuid=postgres --regid=postgres --init-groups)
	chown postgres "$dir"
fi
trap '"${as[@]}" pg_ctl -D "$dir/data" -m fast stop >/dev/null 2>&1 || true; rm -rf "$dir"' EXIT

cd "$dir" # a folder that the account may enter
"${as[@]}" initdb --no-sync -D data -U postgres --auth=trust --encoding=UTF8 --locale=C >/dev/null
"${as[@]}" pg_ctl -D data -l "$dir/log" -o "-k '$dir' -c listen_addresses=" start >/dev/null || { cat "$dir/log" >&2; exit 1; }
cd "$OLDPWD"
JUICER_DATABASE="postgres://postgres@/postgres?host=$dir" "$@"
