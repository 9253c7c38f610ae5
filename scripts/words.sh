#!/usr/bin/env bash
# Finds spelling errors, and the words and phrases that docs/style.md asks us not to use.
#
#   scripts/words.sh PATH...
set -euo pipefail
cd "$(dirname "$0")/.."
PATH=$PWD/target/venv/bin:$PATH

phrases=(
  '[Aa]nother than'
  '[Nn]one of'
  'goes? by that'
  'that nobody sets'
  '(lays|laid|lay) down'
  '[.;:] Where [a-z]' # where it should be "If"
  ', for (it|they|there|then) ' # where it should be "because"
  "-H ['\"]?Authorization: (Bearer )?\\$" # a secret in an argument, which ps shows
)

found=0
typos --force-exclude "$@" || found=1
patterns=()
for phrase in "${phrases[@]}"; do patterns+=(-e "$phrase"); done
if git grep -nE "${patterns[@]}" -- "$@" ':!docs/style.md' ':!docs/matrix.md' ':!scripts/words.sh' ':!tests/vectors/*.json' ':!*lock*'; then found=1; fi
if ((found)); then echo 'words: docs/style.md says what to write instead' >&2; fi
exit $found
