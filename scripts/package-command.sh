#!/usr/bin/env bash
# Packs the full command, with its manual pages, completions, licences and SBOM: an archive, and on Linux with glibc a
# Debian package.
#
#   scripts/package-command.sh EXECUTABLE TARGET GLIBC DIST
#
# EXECUTABLE runs here, or scripts/package-command.sh cannot ask it for its manual.
set -euo pipefail
executable=$(realpath "$1") target=$2 glibc=$3 dist=$(realpath "$4")
cd "$(dirname "$0")/.."
version=$(python3 scripts/version.py)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

case $target in *-windows-*) suffix=.exe ;; *) suffix= ;; esac
top=$work/scout-auth-$version-$target
mkdir -p "$top/man" "$top/completions"
install -m 755 "$executable" "$top/scout-auth$suffix"
command=$top/scout-auth$suffix
"$command" man --out "$top/man"
"$command" completions bash >"$top/completions/scout-auth.bash"
"$command" completions zsh >"$top/completions/_scout-auth"
"$command" completions fish >"$top/completions/scout-auth.fish"
cp LICENSE-APACHE LICENSE-MIT "$top"
cp cli/README.md "$top/README.md"
python3 scripts/components.py scout-auth-tools "$target" "$top"
python3 scripts/archive.py "$top" "$dist/$(basename "$top").tar.gz"

case $target in
x86_64-*-linux-gnu) architecture=amd64 ;;
aarch64-*-linux-gnu) architecture=arm64 ;;
*) exit ;;
esac
root=$work/debian
debian=${version/-/\~}
maintainer='The scout-auth developers <scout-auth@localhost>'
documents=$root/usr/share/doc/scout-auth
install -D -m 755 "$command" "$root/usr/bin/scout-auth"
install -D -m 644 -t "$root/usr/share/man/man1" "$top"/man/*
gzip -9n "$root"/usr/share/man/man1/*
install -D -m 644 "$top/completions/scout-auth.bash" "$root/usr/share/bash-completion/completions/scout-auth"
install -D -m 644 "$top/completions/_scout-auth" "$root/usr/share/zsh/vendor-completions/_scout-auth"
install -D -m 644 "$top/completions/scout-auth.fish" "$root/usr/share/fish/vendor_completions.d/scout-auth.fish"
install -D -m 644 "$top/sbom.cdx.json" "$documents/sbom.cdx.json"
{
  echo 'scout-auth may be used under one of two licences, MIT or Apache-2.0, as you choose.'
  echo 'The text of Apache-2.0 is in /usr/share/common-licenses/Apache-2.0.'
  for file in LICENSE-MIT LICENSE-THIRD-PARTY; do
    printf '\n%s:\n\n' "$file"
    cat "$top/$file"
  done
} >"$documents/copyright"
gzip -9n <CHANGELOG.md >"$documents/CHANGELOG.md.gz"
gzip -9n >"$documents/changelog.gz" <<CHANGELOG
scout-auth ($debian) unstable; urgency=medium

  * CHANGELOG.md.gz says what changed.

 -- $maintainer  $(python3 -c 'import email.utils, os; print(email.utils.formatdate(int(os.environ.get("SOURCE_DATE_EPOCH", "0"))))')
CHANGELOG
mkdir "$root/DEBIAN"
cat >"$root/DEBIAN/control" <<CONTROL
Package: scout-auth
Version: $debian
Architecture: $architecture
Maintainer: $maintainer
Depends: libc6 (>= $glibc)
Recommends: ca-certificates
Suggests: curl, git
Section: utils
Priority: optional
Installed-Size: $(du -sk "$root/usr" | cut -f 1)
Description: authenticate requests to the Scout API
 The command scout-auth mints the signed tokens that the Scout API takes, checks
 credentials, and runs curl, proxies and MCP clients with them.
CONTROL
chmod -R u=rwX,go=rX "$root"
dpkg-deb --root-owner-group -Zxz --build "$root" "$dist/scout-auth_${debian}_$architecture.deb" >/dev/null
