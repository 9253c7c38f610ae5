#!/usr/bin/env bash
# Checks how the native libraries and executables in wheels and npm packages were linked.
#
#   scripts/check-linking.sh GLIBC PACKAGE...
#
# Each needs no glibc later than GLIBC. A library takes the unwinder from libgcc_s.so.1, the one that
# glibc itself uses: CPython ends a daemon thread by pthread_exit, and an unwinder of the library's own
# then crashes the process. An executable needs nothing but glibc.
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
  binary=$(find "$directory" -name '*.so' -o -name '*.node' -o -name scout-auth-tools -type f)
  [[ -f $binary ]] || fail "has no native library or executable, or several"
  libraries=$(readelf --dynamic "$binary" | grep NEEDED)
  if [[ $binary == */scout-auth-tools ]]; then
    grep -vqE '\[(lib(c|m|dl|rt|util|pthread)\.so|ld-linux)' <<<"$libraries" && fail 'needs more than glibc'
  else
    grep -q '\[libgcc_s\.so\.1\]' <<<"$libraries" || fail 'does not need libgcc_s.so.1'
    unwinder=$(readelf --wide --dyn-syms "$binary" | grep ' _Unwind_') || fail 'imports no unwinder'
    grep -vq ' UND _Unwind_[A-Za-z]*@GCC_' <<<"$unwinder" && fail 'has an unwinder of its own'
  fi
  needed=$(readelf --version-info "$binary" | grep -o 'GLIBC_[0-9.]*' | sort -uV | tail -n 1)
  [[ $(printf '%s\n' "GLIBC_$glibc" "$needed" | sort -V | tail -n 1) == "GLIBC_$glibc" ]] || fail "needs $needed"
done
