#!/usr/bin/env bash
# Publishes the npm packages of a directory: first those of the platforms, because the others need them. A package that is
# published already is left alone, so the script can run again after a failure.
#
#   scripts/publish-npm.sh DIST [OPTION OF NPM]...
set -euo pipefail
shopt -s nullglob
dist=$(realpath "$1")
shift

for package in "$dist"/scout-auth-*{linux,darwin,win32}-*.tgz "$dist"/scout-auth-{,tools-}[0-9]*.tgz; do
  manifest=$(tar -xzOf "$package" package/package.json)
  # shellcheck disable=SC2016 # the variables are JavaScript's
  name=$(node --print 'const { name, version } = JSON.parse(process.argv[1]); `${name}@${version}`' "$manifest")
  if [[ -n $(npm view "$name" version 2>/dev/null) ]]; then
    echo "$name is published already"
    continue
  fi
  npm publish "$package" --access public --provenance "$@"
done
