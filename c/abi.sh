#!/bin/sh
# abi.sh OLD_HEADER NEW_HEADER: ends with 100 if a program that was compiled with the old header could break with a library of the
# new one. New functions are fine, and so are new members at the end of scout_signer_options, which has its size in it, and of scout_event, which only the library
# makes.
#
# tests/header.rs and tests/exports.sh hold that the library is what the header says. So the headers are compared: each
# becomes a library without code, because abidw reads types that a C compiler wrote. Needs gcc and abigail-tools.
set -eu
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

# Numbers that a program has compiled in.
numbers() { grep -E '^#define SCOUT_(OK|DEFAULT|ERR_[A-Z_0-9]*|EVENT_[A-Z_0-9]*) ' "$1" | sort; }
numbers "$1" > "$work/numbers"
numbers "$2" > "$work/new_numbers"
if comm -23 "$work/numbers" "$work/new_numbers" | grep .; then
    echo 'abi: these numbers changed, or are no longer there'
    exit 100
fi

# dump HEADER NAME
dump() {
    cp "$1" "$work/scout_auth.h"
    python3 - "$work/scout_auth.h" > "$work/$2.c" <<'PYTHON'
import re, sys
text = re.sub(r"/\*.*?\*/", "", open(sys.argv[1]).read(), flags=re.DOTALL)
print('#include "scout_auth.h"')
for function in re.findall(r"^[a-z][^;{}#]*\bscout_\w+\([^;{}]*\)(?=;)", text, flags=re.MULTILINE):
    print(function, "{ __builtin_trap(); }")
PYTHON
    cc -w -g -fPIC -shared -fno-builtin -Wl,-soname,libscout_auth.so -I "$work" -o "$work/$2.so" "$work/$2.c"
    abidw --no-corpus-path --no-comp-dir-path --no-show-locs "$work/$2.so" > "$work/$2.abi"
}
dump "$1" old
dump "$2" new

cat > "$work/allowed" <<'SUPPRESS'
[suppress_type]
type_kind = struct
name = scout_signer_options
has_data_member_inserted_at = end

[suppress_type]
type_kind = struct
name = scout_event
has_data_member_inserted_at = end
SUPPRESS
status=0
abidiff --suppressions "$work/allowed" --no-added-syms "$work/old.abi" "$work/new.abi" || status=$?
# The two lowest bits are faults of abidiff itself.
if [ $((status & 3)) -ne 0 ]; then exit 1; fi
if [ "$status" -ne 0 ]; then exit 100; fi
