#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# header_test.sh INCLUDE...: the public headers in each folder compile in every language mode with every compiler
# present. That the layout assertions notice breaks is shown by gates_test.py.
set -eu
warnings="-Wall -Wextra -Wpedantic -Wshadow -Werror -fsyntax-only"
compilers=0

# compiles LANGUAGE COMPILER STANDARD INCLUDE HEADER
compiles() {
    echo "#include <portico/$5>" | "$2" -std="$3" $warnings -I"$4" -x "$1" -
}
for family in "gcc g++" "clang clang++"; do
    c=${family% *} cxx=${family#* }
    command -v "$c" >/dev/null && command -v "$cxx" >/dev/null || continue
    compilers=$((compilers + 1))
    for include in "$@"; do
        for std in c11 c17; do compiles c "$c" $std "$include" abi.h; done
        for std in c++17 c++20; do compiles c++ "$cxx" $std "$include" abi.h; done
        for header in plugin.hpp plugin/sha256.hpp plugin/time.hpp; do compiles c++ "$cxx" c++20 "$include" $header; done
        echo "ok $c and $cxx: $include"
    done
done
test "$compilers" -gt 0
