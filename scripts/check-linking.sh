#!/usr/bin/env bash
# Checks how the native libraries in wheels and npm packages were linked.
#
#   scripts/check-linking.sh GLIBC PACKAGE...
#
# Each library needs no glibc later than GLIBC. It takes the unwinder from libgcc_s.so.1, the one that
# glibc itself uses: CPython ends a daemon thread by pthread_exit, and an unwinder of the library's own
# then crashes the process.
set -euo pipefail
glibc=$1
shift

unpacked=$(mktemp -d)
trap 'rm -rf "$unpacked"' EXIT

fail() {
  echo "$package: $1" >&2
  exit 1
}

for package; do
  directory=$unpacked/$(basename "$package")
  mkdir "$directory"
  case $package in
  *.whl) python3 -m zipfile -e "$package" "$directory" ;;
  *) tar -xzf "$package" -C "$directory" ;;
  esac
  library=$(find "$directory" -name '*.so' -o -name '*.node')
  [[ -f $library ]] || fail "has no native library, or several"
  readelf --dynamic "$library" | grep -q 'NEEDED.*\[libgcc_s\.so\.1\]' || fail 'does not need libgcc_s.so.1'
  unwinder=$(readelf --wide --dyn-syms "$library" | grep ' _Unwind_') || fail 'imports no unwinder'
  grep -vq ' UND _Unwind_[A-Za-z]*@GCC_' <<<"$unwinder" && fail 'has an unwinder of its own'
  needed=$(readelf --version-info "$library" | grep -o 'GLIBC_[0-9.]*' | sort -uV | tail -n 1)
  [[ $(printf '%s\n' "GLIBC_$glibc" "$needed" | sort -V | tail -n 1) == "GLIBC_$glibc" ]] || fail "needs $needed"
done
