#!/usr/bin/env bash
# Finds what make needs and this machine lacks, before anything is compiled. Debian packages are
# installed if the user is root or may use sudo without a password. If not, or if something else is
# missing, one line says what to install.
#
#   scripts/setup.sh bench|demo|dist|docs|page|test
set -euo pipefail
purpose=$1

packages=()
others=()

# need PACKAGE COMMAND...: the Debian package is needed unless the command succeeds.
need() {
  local package=$1
  shift
  "$@" >/dev/null 2>&1 || packages+=("$package")
}

# other WHAT COMMAND...: the user has to install it, because Debian may have too old a version.
other() {
  local what=$1
  shift
  "$@" >/dev/null 2>&1 || others+=("$what")
}

has() { command -v "$1"; }
has_header() { echo "#include <$1>" | cc -E -; }
at_least() { [[ $(printf '%s\n' "$1" "$2" | sort -V | head -n 1) == "$1" ]]; }
has_rust() { at_least 1.95 "$(rustc --version | cut -d ' ' -f 2)" && cargo --version; }
has_node() { at_least 20 "$(node --print process.versions.node)" && npm --version; }

other 'Rust 1.95 or later (https://rustup.rs)' has_rust
if [[ $(uname) != MINGW* ]]; then
  need gcc has cc
  need libc6-dev has_header stdio.h
fi
if [[ $purpose != dist ]]; then
  need openssl has openssl
fi
if [[ $purpose != demo ]]; then
  other 'Python 3.10 or later' "${PYTHON:-python3}" -c 'import sys; sys.exit(sys.version_info < (3, 10))'
  other 'Node 20 or later with npm (https://nodejs.org)' has_node
  need python3-venv "${PYTHON:-python3}" -c 'import ensurepip'
  need git has git
  if [[ $(uname) == Linux ]]; then
    need binutils has readelf
    need dpkg-dev has dpkg-deb
  fi
fi
if [[ $purpose == test ]]; then
  other 'rustfmt and clippy (rustup component add rustfmt clippy)' eval 'cargo fmt --version && cargo clippy --version'
  # PyInstaller puts it into the program that it makes.
  need libpython3-dev "${PYTHON:-python3}" -c \
    'import ctypes, sysconfig; ctypes.CDLL(sysconfig.get_config_var("INSTSONAME"))'
  need g++ has c++
  need clang has clang
  need valgrind has valgrind
  need pkg-config has pkg-config
  need abigail-tools has abidiff
  need openssh-client has ssh-keygen
  need curl has curl
  need libcurl4-openssl-dev has curl-config
  need libjwt-dev has_header jwt.h
  need libssl-dev has_header openssl/evp.h
  # A store of the local Scout is tested with it. Debian puts its server outside of PATH.
  need postgresql compgen -G '/usr/lib/postgresql/*/bin/initdb'
  # Their completions are tested.
  need zsh has zsh
  need fish has fish
fi

if [[ $purpose == docs ]]; then
  need doxygen has doxygen
fi

if [[ $purpose == bench ]]; then need wrk has wrk; fi
if [[ $purpose == page ]]; then need chromium has "${CHROMIUM:-chromium}"; fi

if ((${#packages[@]})); then
  root=()
  if ((EUID)); then root=(sudo -n); fi
  if has apt-get >/dev/null && "${root[@]}" true 2>/dev/null; then
    echo "setup: installing ${packages[*]}"
    # If it fails because of a source that is not Debian's, the next line may still succeed.
    "${root[@]}" apt-get update -qq || true
    DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
  else
    others+=("on Debian: sudo apt-get install ${packages[*]}")
  fi
fi

if ((${#others[@]})); then
  printf -v list '; %s' "${others[@]}"
  echo "setup: install what is missing, then run make again: ${list:2}" >&2
  exit 1
fi
