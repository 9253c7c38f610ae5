#!/bin/sh
# A client program: curl by way of the command. See tests/README.md.

# The status, or the code of the error if curl did not start.
request() {
    scout-auth curl --silent --location --output /dev/null --write-out '%{http_code}' "$@" 2>&1 |
        sed -n 's/^error: .*(\(ERR_[A-Z_]*\))$/\1/p; /^[0-9][0-9]*$/p'
}

while read -r number call first second _; do
    case $call in
    follow)
        export SCOUT_CREDENTIAL_FILE="$second"
        echo "$number ok"
        ;;
    GET) echo "$number $(request "$first")" & ;;
    POST) echo "$number $(request --data "$second" "$first")" & ;;
    esac
done
wait
