#!/bin/sh
# Installs what `make dist` built, each in an empty place, and uses it. It runs as root in a system that has python3-venv,
# nodejs, gcc, libc6-dev, pkg-config and openssl, and nothing of this project.
#
#   try.sh DIST
set -eu
dist=$(cd "$1" && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
export HOME="$place"
(cd "$dist" && sha256sum --check --quiet SHA256SUMS)
echo 'ok - the checksums'

# The Debian package, and a credential for all others.
dpkg --install "$dist"/scout-auth_*.deb >/dev/null
scout-auth keygen --out key.env
set -a
# shellcheck source=/dev/null
. ./key.env
set +a
export SCOUT_CREDENTIAL_ID=cred_try
scout-auth pem --public >public.pem
scout-auth doctor >report || { cat report; exit 1; }

# verified NAME COMMAND...: the command prints a token that openssl verifies.
verified() {
    name=$1
    shift
    "$@" | tr -d '\n' >token
    printf %s "$(sed 's/\.[^.]*$//' token)" >signed
    { sed 's/.*\.//' token | tr -- '-_' '+/' | tr -d '\n'; echo '=='; } | base64 --decode 2>/dev/null >signature || true
    openssl dgst -sha256 -verify public.pem -signature signature signed >/dev/null
    echo "ok - $name"
}

verified 'the Debian package' scout-auth token
test -f /usr/share/man/man1/scout-auth.1.gz
dpkg --purge scout-auth >/dev/null
test ! -e /usr/bin/scout-auth

tar -xzf "$dist"/scout-auth-[0-9]*.tar.gz
verified 'the archive of the command' scout-auth-*/scout-auth token

tar -xzf "$dist"/libscout_auth-*.tar.gz
mv libscout_auth-* 'a folder'
export PKG_CONFIG_PATH="$place/a folder/lib/pkgconfig"
program="$place/a folder/share/doc/scout-auth/examples/mint.c"
eval cc -o shared '"$program"' "$(pkg-config --cflags --libs scout-auth)"
LD_LIBRARY_PATH="$place/a folder/lib" verified 'the shared library' ./shared
cc -o static "$program" -I"a folder/include" "a folder/lib/libscout_auth.a" -lpthread -lm -ldl
verified 'the static library' ./static

python3 -m venv venv
venv/bin/pip install --quiet --no-index --find-links "$dist" 'scout-auth[tools]'
verified 'the wheel' venv/bin/python -c 'import scout_auth; print(scout_auth.Signer.from_env().token())'
verified 'the command in the wheel' venv/bin/scout-auth token
verified 'the wheel of scout-auth-tools' venv/bin/scout-auth-tools token

for package in "$dist"/scout-auth-*.tgz; do
    name=$(tar -xzOf "$package" package/package.json | sed -n 's/^  "name": "\(.*\)",$/\1/p')
    mkdir -p "node_modules/$name"
    tar -xzf "$package" --strip-components 1 -C "node_modules/$name"
done
verified 'the npm package' node -e 'console.log(require("scout-auth").Signer.fromEnv().token().toString())'
verified 'the npm package scout-auth-tools' node node_modules/scout-auth-tools/tools.js token
