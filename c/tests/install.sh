#!/bin/sh
# tests/install.sh: installs into an empty directory and builds programs against it, outside the
# tree, with pkg-config and with CMake, each with the shared and with the static library. Each
# mints a token that openssl verifies, without an error or a leak under valgrind. Needs cargo-c.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
directory=$(mktemp -d)
trap 'rm -r "$directory"' EXIT
cd "$directory"
prefix=$directory/prefix
PREFIX=$prefix "$here/../install.sh"

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
cc -o with_pkg_config app.c $(pkg-config --cflags --libs scout-auth)
check ./with_pkg_config shared
cc -o with_pkg_config_static app.c $(pkg-config --cflags scout-auth) \
    "$(pkg-config --variable=libdir scout-auth)/libscout_auth.a" $(pkg-config --static --libs-only-l scout-auth | sed 's/-lscout_auth//')
check ./with_pkg_config_static static
unset LD_LIBRARY_PATH

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
for pair in "$prefix/lib/libscout_auth.a libother.a" "libother.a $prefix/lib/libscout_auth.a"; do
    cc -I"$here" -o two "$here/two_static_libraries.c" $(pkg-config --cflags scout-auth) $pair -lgcc_s -lutil -lrt -lpthread -lm -ldl -lc
    ./two
done

# The packaged library, and where a packager puts it.
"$here/exports.sh" "$prefix/lib/libscout_auth.so" "$prefix/include/scout_auth.h"
DESTDIR=$directory/stage PREFIX=/usr "$here/../install.sh"
(cd stage/usr && find . -type f -o -type l | sort) > staged
(cd "$prefix" && find . -type f -o -type l | sort) > installed
diff staged installed
grep -qx 'prefix=/usr' stage/usr/lib/pkgconfig/scout-auth.pc

# Jitter entropy costs the first signature of a process 23 ms: the settings of the tree leave it out.
if readelf --symbols --wide "$prefix/lib/libscout_auth.a" | grep -q 'jent_'; then
    echo "the library was built with jitter entropy"
    exit 1
fi
echo "ok - installed"
