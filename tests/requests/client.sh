#!/bin/sh
# A client program: curl with the command. See tests/README.md.

request() {
    header=$(scout-auth authorization --header) && echo "$header" |
        curl --silent --location --output /dev/null --write-out '%{http_code}' -H @- "$@"
}

while read -r number call first second third _; do
    case $call in
    use)
        export SCOUT_CREDENTIAL_ID="$second" SCOUT_PRIVATE_KEY_FILE="$third"
        echo "$number ok"
        ;;
    follow)
        export SCOUT_CREDENTIAL_FILE="$second"
        echo "$number ok"
        ;;
    GET) echo "$number $(request "$first")" & ;;
    POST) echo "$number $(request --data "$second" "$first")" & ;;
    esac
done
wait
