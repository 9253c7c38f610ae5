#!/bin/sh
# exports.sh LIBRARY HEADER: the shared library exports what the header declares, and nothing else.
set -eu
declared=$(sed -n 's/^[a-z].*[ *]\(scout_[a-z0-9_]*\)(.*/\1/p' "$2" | sort)
exported=$(nm --dynamic --defined-only "$1" | sed 's/.* //' | sort)
if [ "$declared" != "$exported" ]; then
    printf 'declared:\n%s\nexported:\n%s\n' "$declared" "$exported"
    exit 1
fi
echo "$1 exports $(echo "$exported" | wc -l) functions, all of the header"
