#!/bin/sh
# install.sh [uninstall]: builds and installs libscout_auth, with its headers, licences, pkg-config
# file and CMake package. It needs cargo and, on Linux, binutils.
#
#   PREFIX   where the library will be used; /usr/local by default
#   DESTDIR  put in front of every path, for packagers
#   CARGO, CARGO_BUILD_TARGET, LINK_ARGS
#            how to build for another system: by default cargo, this system, and no further options of rustc
set -eu
absolute() { case $1 in '' | /*) printf %s "$1" ;; *) printf %s "$PWD/$1" ;; esac; }
prefix=$(absolute "${PREFIX:-/usr/local}")
to=$(absolute "${DESTDIR:-}")$prefix
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
version=$(sed -n 's/^#define SCOUT_VERSION "\(.*\)"/\1/p' "$here/include/scout_auth.h")
# Until 1.0 the minor number is part of the ABI version.
abi=$(expr "$version" : '\(0\.[0-9]*\)' '|' "$version" : '\([0-9]*\)')

case $(uname) in
Darwin)
    built=libscout_auth.dylib real=libscout_auth.$version.dylib abi_name=libscout_auth.$abi.dylib
    link_arg=-Wl,-install_name,$prefix/lib/$abi_name
    ;;
*)
    built=libscout_auth.so real=libscout_auth.so.$version abi_name=libscout_auth.so.$abi
    link_arg=-Wl,-soname,$abi_name
    ;;
esac

if [ "${1:-}" = uninstall ]; then
    rm -f "$to/lib/$real" "$to/lib/$abi_name" "$to/lib/$built" "$to/lib/libscout_auth.a" \
        "$to/lib/pkgconfig/scout-auth.pc" "$to/include/scout_auth.h" "$to/include/scout_auth.hpp"
    rm -rf "$to/share/cmake/scout-auth" "$to/share/doc/scout-auth"
    exit
fi

# A directory of its own, since other flags would build everything again.
target=${CARGO_TARGET_DIR:-$root/target}/install-c
# Not for rustc and cargo themselves: cargo-zigbuild takes a version of glibc behind the target.
built_for=${CARGO_BUILD_TARGET:-}
unset CARGO_BUILD_TARGET
cargo fetch --quiet --locked --manifest-path "$root/Cargo.toml"
(cd "$here" && CARGO_TARGET_DIR=$target RUSTFLAGS=$("$root/scripts/rustflags.sh") \
    "${CARGO:-cargo}" rustc --locked --release --package scout-auth-c --lib \
    ${built_for:+--target "$built_for"} -- -C link-arg="$link_arg" ${LINK_ARGS:-})
release=$target${built_for:+/${built_for%%.*}}/release

mkdir -p "$to/lib/pkgconfig" "$to/include" "$to/share/cmake/scout-auth" "$to/share/doc/scout-auth"
install -m 755 "$release/$built" "$to/lib/$real"
ln -sf "$real" "$to/lib/$abi_name"
ln -sf "$abi_name" "$to/lib/$built"
install -m 644 "$release/libscout_auth.a" "$to/lib/libscout_auth.a"
if [ "$(uname)" = Linux ]; then "$here/localise.sh" "$to/lib/libscout_auth.a" "$here/include/scout_auth.h"; fi
install -m 644 "$here/include/scout_auth.h" "$here/include/scout_auth.hpp" "$to/include"
install -m 644 "$here"/cmake/* "$to/share/cmake/scout-auth"
install -m 644 "$root"/LICENSE-* "$to/share/doc/scout-auth"
cat > "$to/lib/pkgconfig/scout-auth.pc" <<PC
prefix=$(printf %s "$prefix" | sed 's/ /\\ /g')
libdir=\${prefix}/lib
includedir=\${prefix}/include

Name: scout-auth
Description: Authenticate to the Scout API
Version: $version
Cflags: -I\${includedir}
Libs: -L\${libdir} -lscout_auth
Libs.private: -lpthread -lm -ldl
PC
