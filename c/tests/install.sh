#!/bin/sh
# tests/install.sh: installs into an empty directory and builds programs against it, outside the
# tree, with pkg-config and with CMake, each with the shared and with the static library. Each
# mints a token that openssl verifies, without an error or a leak under valgrind.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
directory=$(mktemp -d)
trap 'rm -r "$directory"' EXIT
cd "$directory"
# A path with a space, relative to where install.sh is called.
prefix="$directory/a prefix"
PREFIX="a prefix" "$here/../install.sh"
test -f "$prefix/share/doc/scout-auth/LICENSE-MIT"

openssl genrsa -out key.pem 2048 2>/dev/null
openssl pkey -in key.pem -pubout -out public.pem
unset SCOUT_PRIVATE_KEY SCOUT_KID
export SCOUT_PRIVATE_KEY_FILE="$directory/key.pem" SCOUT_CREDENTIAL_ID=cred_install

# check PROGRAM shared|static: it links as it should, and openssl verifies what it mints.
check() {
    needed=static
    if readelf -d "$1" | grep -q 'libscout_auth\.so\.'; then needed=shared; fi
    if [ "$needed" != "$2" ]; then
        echo "$1 links the $needed library"
        exit 1
    fi
    valgrind --quiet --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite,indirect,possible "$1" > token
    "$here/verify.sh" public.pem < token
    echo "ok - $1, $2"
}

cp "$here/../examples/mint.c" app.c
export PKG_CONFIG_PATH="$prefix/lib/pkgconfig" LD_LIBRARY_PATH="$prefix/lib"
eval cc -o with_pkg_config app.c "$(pkg-config --cflags --libs scout-auth)"
check ./with_pkg_config shared
cc -o with_pkg_config_static app.c -I"$prefix/include" "$prefix/lib/libscout_auth.a" -lpthread -lm -ldl
check ./with_pkg_config_static static
# Every library is static, the C library too. (valgrind finds errors in glibc's own static start-up.)
eval cc -static -o all_static app.c "$(pkg-config --static --cflags --libs scout-auth)" 2>/dev/null
./all_static | "$here/verify.sh" public.pem
unset LD_LIBRARY_PATH PKG_CONFIG_PATH # the latter would build aws-lc again

cat > CMakeLists.txt <<'CMAKE'
cmake_minimum_required(VERSION 3.18)
project(app C)
find_package(scout-auth 0.1 REQUIRED)
add_executable(app app.c)
target_link_libraries(app scout-auth::scout-auth)
CMAKE
for kind in shared static; do
    static=OFF
    if [ $kind = static ]; then static=ON; fi
    cmake -S . -B "cmake_$kind" -DCMAKE_PREFIX_PATH="$prefix" -DSCOUT_AUTH_USE_STATIC=$static > /dev/null
    cmake --build "cmake_$kind" > /dev/null
    check "./cmake_$kind/app" $kind
done

# The static library beside another one in Rust, in either order.
rustc --edition 2024 -O --crate-type staticlib -o libother.a "$here/other.rs"
ln -s "$prefix/lib/libscout_auth.a" libscout_auth.a
for pair in "libscout_auth.a libother.a" "libother.a libscout_auth.a"; do
    cc -I"$here" -I"$prefix/include" -o two "$here/two_static_libraries.c" $pair -lpthread -lm -ldl
    ./two
done

# The packaged library, and where a packager puts it.
"$here/exports.sh" "$prefix/lib/libscout_auth.so" "$prefix/include/scout_auth.h"
DESTDIR=$directory/stage PREFIX=/usr "$here/../install.sh"
(cd stage/usr && find . -type f -o -type l | sort) > staged
(cd "$prefix" && find . -type f -o -type l | sort) > installed
diff staged installed
readelf -d stage/usr/lib/libscout_auth.so | grep -q 'SONAME.*\[libscout_auth\.so\.[0-9.]*\]'
readelf -d stage/usr/lib/libscout_auth.so | grep -q NODELETE
grep -qx 'prefix=/usr' stage/usr/lib/pkgconfig/scout-auth.pc

# Jitter entropy costs the first signature of a process 23 ms: the settings of the tree leave it out.
if readelf --symbols --wide "$prefix/lib/libscout_auth.a" | grep -q 'jent_'; then
    echo "the library was built with jitter entropy"
    exit 1
fi

# No path of this machine is in what is shipped.
root=$(cd "$here/../.." && pwd)
for path in "$root" "${CARGO_HOME:-$HOME/.cargo}" "$HOME/"; do
    if grep -qF "$path" "$prefix/lib/libscout_auth.so" "$prefix/lib/libscout_auth.a"; then
        echo "a library contains $path"
        exit 1
    fi
done
echo "ok - installed"

DESTDIR=$directory/stage PREFIX=/usr "$here/../install.sh" uninstall
PREFIX=$prefix "$here/../install.sh" uninstall
if find stage "$prefix" ! -type d | grep .; then exit 1; fi
echo "ok - removed"
