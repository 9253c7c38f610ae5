#!/usr/bin/env bash
# examples.sh DIRECTORY: runs the built examples against a key of openssl's and servers on loopback.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
examples=$1
directory=$(mktemp -d)
servers=
trap 'kill $servers 2>/dev/null || true; rm -r "$directory"' EXIT
cd "$directory"

openssl genrsa -out key.pem 2048 2>/dev/null
openssl pkey -in key.pem -pubout -out public.pem
unset SCOUT_PRIVATE_KEY SCOUT_KID
export SCOUT_PRIVATE_KEY_FILE="$directory/key.pem" SCOUT_CREDENTIAL_ID=cred_examples

# serve NAME COMMAND...: starts a server and sets port to what its first line says.
serve() {
    log=$1
    shift
    "$@" > "$log" &
    servers="$servers $!"
    while ! [ -s "$log" ]; do sleep 0.1; done
    port=$(head -n 1 "$log")
}

echo "mint: openssl verifies the token"
"$examples/mint" | "$here/verify.sh" public.pem
echo "mint: a credential file takes the place of the variables"
key=$(openssl pkey -in key.pem -outform DER | base64 | tr -d '=\n' | tr '+/' '-_')
printf '{"private_key":"%s","credential_id":"cred_file"}' "$key" > credential.json
env -u SCOUT_PRIVATE_KEY_FILE -u SCOUT_CREDENTIAL_ID SCOUT_CREDENTIAL_FILE=credential.json "$examples/mint" |
    "$here/verify.sh" public.pem
echo "mint: a missing variable is named"
if env -u SCOUT_CREDENTIAL_ID "$examples/mint" 2> error.txt; then exit 1; fi
grep -q 'ERR_VARIABLE_MISSING.*SCOUT_CREDENTIAL_ID' error.txt

echo "server: the request is authenticated"
serve verifying.log "$examples/server" public.pem 0
"$examples/request" "http://127.0.0.1:$port/"
echo "server: the C++ example's header is accepted, and no header is refused"
curl --fail --silent -H "$("$examples/header" "http://127.0.0.1:$port/")" "http://127.0.0.1:$port/" | grep -qx cred_examples
test "$(curl --silent "http://127.0.0.1:$port/")" = ERR_TOKEN_MALFORMED
test "$(curl --silent -H 'Authorization: Bearer a.b.c' "http://127.0.0.1:$port/")" = ERR_TOKEN_MALFORMED
echo "server: the scheme is compared without case, spaces do not matter, a silent client stops nothing"
exec 3<> "/dev/tcp/127.0.0.1/$port"
test "$(curl --silent -H "Authorization:   bearer  $("$examples/mint")  " "http://127.0.0.1:$port/")" = cred_examples
exec 3>&-

echo "request: after a 401 the server's clock is learnt and the request sent once more"
serve ahead.log python3 "$here/server.py" public.pem
"$examples/request" "http://127.0.0.1:$port/"
test "$(tail -n +2 ahead.log | tr '\n' ' ')" = "401 200 "

echo "request: no header goes over plain http to another host"
if "$examples/request" http://192.0.2.1/ 2> error.txt; then exit 1; fi
grep -q ERR_URL_INSECURE error.txt

echo "request: why there is no answer"
if "$examples/request" http://127.0.0.1:1/ 2> error.txt; then exit 1; fi
grep -q 'error: .*connect' error.txt

echo "request: a missing variable is named"
if env -u SCOUT_CREDENTIAL_ID "$examples/request" 2> error.txt; then exit 1; fi
grep -q 'ERR_VARIABLE_MISSING.*SCOUT_CREDENTIAL_ID' error.txt

echo "local_scout: the clock moves, a request fails, the key is rotated, and no server is left"
command=${SCOUT_AUTH_TOOLS:-$here/../../target/debug/scout-auth}
env -u SCOUT_PRIVATE_KEY_FILE -u SCOUT_CREDENTIAL_ID PATH="${command%/*}:$PATH" "$examples/local_scout"
echo "local_scout: docs/testing.md shows a part of it"
python3 - "$here/../.." <<'END'
import pathlib, re, sys
root = pathlib.Path(sys.argv[1])
(shown,) = re.findall(r"^```c\n(.*?)^```", (root / "docs/testing.md").read_text(), re.MULTILINE | re.DOTALL)
assert shown in (root / "c/examples/local_scout.c").read_text(), "the page shows something else"
END
