#!/bin/sh
# archive.sh TARGET DIST: packs what install.sh installs, with licences and SBOM, as an archive that needs no cargo. It
# can be unpacked anywhere: its pkg-config file and its CMake package find the rest by their own place.
set -eu
target=$1
dist=$(cd "$2" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
version=$(python3 "$root/scripts/version.py")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

DESTDIR=$work PREFIX=/scout_auth "$here/install.sh"
top=$work/libscout_auth-$version-$target
mv "$work/scout_auth" "$top"
pc=$top/lib/pkgconfig/scout-auth.pc
# shellcheck disable=SC2016 # the variable is pkg-config's
sed 's,^prefix=.*,prefix=${pcfiledir}/../..,' "$pc" > "$pc.new"
mv "$pc.new" "$pc"
cp "$here/README.md" "$top"
cp -R "$here/examples" "$top/share/doc/scout-auth"
python3 "$root/scripts/components.py" scout-auth-c "$target" "$top/share/doc/scout-auth"
python3 "$root/scripts/archive.py" "$top" "$dist/$(basename "$top").tar.gz"
