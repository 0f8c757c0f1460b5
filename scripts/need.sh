#!/usr/bin/env bash
# Makes sure that what scripts/needs.txt lists is here: all of it, or the commands
# named as arguments. Installs Debian packages if it is root; else says what to type.
set -euo pipefail
cd "$(dirname "$0")/.."

go_home="https://go.dev/dl/"
node_home="https://nodejs.org/en/download"
packages=() # to install
problems=() # sentences

# found prints the first of the spellings (a|b|c) that is on the path.
found() {
	local name PATH=$PATH
	PATH+=$(printf ':%s' /usr/lib/postgresql/*/bin) # where Debian keeps what is not for everyone
	for name in ${1//|/ }; do
		command -v "$name" && return
	done
	return 1
}

# version prints the first dotted number that a command says of itself.
version() {
	local flag=--version
	[ "${1##*/}" = go ] && flag=version
	"$1" "$flag" 2>&1 | grep -Eo '[0-9]+(\.[0-9]+)+' | head -n 1 || true
}

# new_enough OLDEST HAVE
new_enough() { printf '%s\n%s\n' "$1" "$2" | sort -V -C; }

# wrong prints what is wrong with one need, or nothing.
wrong() {
	local commands=$1 oldest=$2 path have
	if ! path=$(found "$commands"); then
		echo "${commands%%|*} is missing"
		return
	fi
	[ "$oldest" = - ] && return
	have=$(version "$path")
	new_enough "$oldest" "$have" || echo "${commands%%|*} $oldest or newer is needed, found ${have:-none that works}"
}

look() {
	local commands oldest debian reason sentence
	packages=() problems=()
	while read -r commands oldest debian reason; do
		case "$commands" in '' | '#'*) continue ;; esac
		[ $# -eq 0 ] || [[ " $* " == *" ${commands%%|*} "* ]] || continue
		[ "$oldest" = go.mod ] && oldest=$(awk '$1 == "go" { print $2 }' go.mod)
		sentence=$(wrong "$commands" "$oldest")
		[ -n "$sentence" ] || continue
		problems+=("$sentence: $reason")
		[ "$debian" = - ] || IFS=, read -r -a more <<<"$debian"
		[ "$debian" = - ] || packages+=("${more[@]}")
	done <scripts/needs.txt
}

report() {
	{
		echo "This machine lacks what is needed here:"
		printf '  - %s\n' "${problems[@]}"
		if [ ${#packages[@]} -gt 0 ]; then
			echo "On Debian or Ubuntu, install it with:"
			echo "  sudo apt-get update && sudo apt-get install -y ${packages[*]}"
			echo "Elsewhere, install the same by your system's own means."
		fi
		if [[ " ${problems[*]}" == *" go "* ]]; then
			echo "Go: install it from $go_home"
		fi
		if [[ " ${problems[*]}" == *" node "* || " ${problems[*]}" == *" npm "* ]]; then
			echo "Node.js with npm: install it from $node_home"
		fi
	} >&2
	exit 1
}

look "$@"
[ ${#problems[@]} -gt 0 ] || exit 0
if [ ${#packages[@]} -eq 0 ] || [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
	report
fi
echo "Installing ${packages[*]}"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
if ! { apt-get update -q && apt-get install -q -y --no-install-recommends "${packages[@]}"; } >"$log" 2>&1 </dev/null; then
	tail -n 20 "$log" >&2
	report
fi
rm -f "$log"
look "$@"
[ ${#problems[@]} -eq 0 ] || report
