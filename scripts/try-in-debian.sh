#!/usr/bin/env bash
# Makes an empty Debian system in a directory and runs scripts/try.sh in it. It needs root and debootstrap.
#
#   scripts/try-in-debian.sh DIST [SUITE]
set -euo pipefail
dist=$(realpath "$1") suite=${2:-trixie}
scripts=$(realpath "$(dirname "$0")")
system=$(mktemp -d)
trap 'rm -rf --one-file-system "$system"' EXIT
debootstrap --variant=minbase --include=gcc,libc6-dev,nodejs,openssl,pkg-config,python3-venv "$suite" "$system" >"$system.log" ||
  { tail "$system.log" && exit 1; }
rm "$system.log"
mkdir "$system/dist"
cp "$dist"/* "$scripts/try.sh" "$system/dist"
# unshare: no network, and no process of it is left.
unshare --net --pid --fork --kill-child chroot "$system" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin sh /dist/try.sh /dist
