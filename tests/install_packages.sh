#!/bin/bash
# install_packages.sh PACKAGE...
#
# Installs those of the Debian packages that are missing; asks nothing and touches
# nothing when none is. `node` and `npm` are commands, not packages: whoever has both
# on the PATH, from wherever, keeps them.
set -euo pipefail

fail() {
    printf 'install_packages: %s\n' "$@" >&2
    exit 1
}

is_installed() {
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

has_command() {
    command -v "$1" >/dev/null
}

wanted=()
node=false
for name in "$@"; do
    case $name in
        node | npm) node=true ;;
        -* | '') fail "not a package's name: \"$name\"" ;;
        *) wanted+=("$name") ;;
    esac
done
if $node && ! { has_command node && has_command npm; }; then
    wanted+=(nodejs npm)
fi

[[ ${#wanted[@]} -gt 0 ]] || exit 0
if ! has_command apt-get || ! has_command dpkg-query; then
    fail "this is not a Debian system, so these are for you to install, by their names there:" \
        "    ${wanted[*]}" "if you have them: make INSTALL_PACKAGES=: TARGET"
fi

missing=()
for package in "${wanted[@]}"; do
    is_installed "$package" || missing+=("$package")
done
[[ ${#missing[@]} -gt 0 ]] || exit 0

as_root=()
if [[ $(id -u) -ne 0 ]]; then
    has_command sudo || fail "missing packages, and neither root nor sudo to install them; as root:" \
        "    apt-get install --no-install-recommends ${missing[*]}"
    as_root=(sudo)
fi

apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@"
}

printf 'installing %s\n' "${missing[*]}"
apt update || fail "apt-get update failed"
apt install --yes --no-install-recommends "${missing[@]}" >/dev/null ||
    fail "could not install: ${missing[*]}"
