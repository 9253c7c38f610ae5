#!/usr/bin/env bash
# A PostgreSQL server for tests, in a new folder, on a socket in it. It ends, and the folder goes, when
# standard input ends: so no test leaves one behind.
#
#   postgres.sh FOLDER
#
# Standard input has one command a line, and each is answered with a line `ok`, or with why not:
#   start               starts the server
#   stop                stops it as a crash does
#   sql DATABASE TEXT   sends a statement
set -uo pipefail
folder=$1
# The environment must not lead to another server.
unset "${!PG@}"
bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort --version-sort | tail -n 1)
[[ -x $bin/initdb ]] || { echo "PostgreSQL's server is missing; run make setup"; exit 1; }
# It refuses to run as root.
user=()
((EUID)) || user=(setpriv --reuid=nobody --regid=nogroup --clear-groups)

# What survives the end of the process is enough here, so nothing waits for the disk.
options="-k $folder -c listen_addresses= -c fsync=off -c shared_buffers=16MB -c autovacuum=off"

run() { "${user[@]}" "$bin/$@" </dev/null >>"$folder/log" 2>&1; }
stop() { run pg_ctl stop --pgdata "$folder/data" --mode immediate; }
carry_out() {
  case $1 in
    start) run pg_ctl start --wait --pgdata "$folder/data" --options "$options" ;;
    stop) stop ;;
    sql) run psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --host "$folder" --username scout --command "${2#* }" "${2%% *}" ;;
  esac
}

trap 'stop; rm -rf "$folder"' EXIT
# A test that is interrupted ends this script by the end of standard input, and not in the middle.
trap '' INT
mkdir "$folder" && { ((EUID)) || chown nobody:nogroup "$folder"; }
# The user may not be allowed to enter the folder that this was started in.
cd "$folder" || exit 1
run initdb --pgdata "$folder/data" --username scout --auth trust --encoding UTF8 --no-locale --no-sync
# One user needs a password.
sed -i '1i local all guarded scram-sha-256' "$folder/data/pg_hba.conf"
while read -r command text; do
  if carry_out "$command" "$text"; then echo ok; else tail -n 3 "$folder/log" | tr '\n' ' '; echo; fi
done
