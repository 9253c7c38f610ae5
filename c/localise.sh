#!/bin/sh
# localise.sh STATIC_LIBRARY HEADER: makes everything local to the library that the header does not
# declare.
#
# A Rust static library contains Rust's standard library, whose symbols clash with those of the
# next one in the same program (rust-lang/rust#44322); aws-lc's are in there too. Here the library
# becomes one object file with the header's functions as its only global symbols. Needs binutils.
set -eu
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
functions=$(sed -n 's/^[a-z].*[ *]\(scout_[a-z0-9_]*\)(.*/\1/p' "$2")
# Section groups are resolved, since one that stays would be merged with that of another library;
# the bitcode that Rust adds goes, since linkers with an older LLVM plugin stumble over it, and so does debug information,
# since it contains paths of the machine.
ld -r --force-group-allocation $(printf ' --undefined=%s' $functions) -o "$work/scout_auth.o" "$1"
printf '%s\n' $functions > "$work/functions"
objcopy --strip-debug --remove-section .llvmbc --remove-section .llvmcmd --keep-global-symbols "$work/functions" "$work/scout_auth.o"
rm "$1"
ar rcs "$1" "$work/scout_auth.o"
