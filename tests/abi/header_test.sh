#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# header_test.sh ROOT: the public header compiles in every language mode with every compiler present, and the layout
# assertions notice each kind of break (so that they cannot be passing for no reason).
set -eu
root=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
warnings="-Wall -Wextra -Wpedantic -Wshadow -Werror -fsyntax-only"
compilers=0

for family in "gcc g++" "clang clang++"; do
    c=${family% *} cxx=${family#* }
    command -v "$c" >/dev/null && command -v "$cxx" >/dev/null || continue
    compilers=$((compilers + 1))
    for std in c11 c17; do
        echo '#include <portico/abi.h>' | "$c" -std=$std $warnings -I"$root/plugin-api/include" -x c -
        echo "ok $c $std abi.h"
    done
    for std in c++17 c++20; do
        echo '#include <portico/abi.h>' | "$cxx" -std=$std $warnings -I"$root/plugin-api/include" -x c++ -
        echo "ok $cxx $std abi.h"
    done
    for header in plugin.hpp plugin/sha256.hpp plugin/time.hpp; do
        echo "#include <portico/$header>" | "$cxx" -std=c++20 $warnings -I"$root/plugin-api/include" -x c++ -
        echo "ok $cxx c++20 $header"
    done
done
test "$compilers" -gt 0

# breaks NAME SED-SCRIPT: with the header so edited, both layout programs must fail to compile.
breaks() {
    mkdir -p "$work/portico"
    sed -E "$2" "$root/plugin-api/include/portico/abi.h" >"$work/portico/abi.h"
    if cmp -s "$work/portico/abi.h" "$root/plugin-api/include/portico/abi.h"; then
        echo "the edit '$1' no longer changes the header" >&2
        exit 1
    fi
    for program in "gcc -std=c11 $root/tests/abi/layout_c11.c" "g++ -std=c++20 $root/tests/abi/layout_cxx20.cpp"; do
        if $program -fsyntax-only -I"$work" -I"$root" 2>/dev/null; then
            echo "not noticed by ${program##*/}: $1" >&2
            exit 1
        fi
    done
    echo "ok noticed: $1"
}
breaks "changed status value" 's/(PORTICO_E_CONFLICT +=) -4/\1 -14/'
breaks "changed argument type" 's/uint32_t limit/uint64_t limit/'
breaks "field inserted in the middle" 's/(int64_t  now_ms;)/\1 int64_t extra;/'
breaks "swapped functions" 's/\(\*start\)/(*swap)/; s/\(\*stop\)/(*start)/; s/\(\*swap\)/(*stop)/'
breaks "grown sink" 's/(portico_status \(\*write\)\(void \*self, portico_bytes chunk\);)/\1 void *more;/'
