#!/bin/sh
# install.sh: builds libscout_auth and installs it with its headers, its pkg-config file and its
# CMake package. Needs cargo-c: cargo install cargo-c --locked --version 0.10.24+cargo-0.98.0
#
#   PREFIX   where it will be used; /usr/local by default
#   DESTDIR  put in front of every path, for packagers
set -eu
prefix=${PREFIX:-/usr/local}
cd "$(dirname "$0")"
# The library directory is named, since on Debian cargo-c would put the machine's triple into it.
cargo cinstall --locked --release --prefix "$prefix" --libdir "$prefix/lib" ${DESTDIR:+--destdir "$DESTDIR"}
if [ "$(uname)" = Linux ]; then
    ./localise.sh "${DESTDIR:-}$prefix/lib/libscout_auth.a" include/scout_auth.h
fi
