#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# header_test.sh INCLUDE...: the public headers in each folder compile in every language mode with every compiler
# present. That the layout assertions notice breaks is shown by gates_test.py.
set -eu
warnings="-Wall -Wextra -Wpedantic -Wshadow -Werror -c -o /dev/null"
compilers=0

# compiles LANGUAGE COMPILER STANDARD INCLUDE HEADER...
compiles() {
    language=$1 compiler=$2 standard=$3 folder=$4
    shift 4
    printf '#include <portico/%s>\n' "$@" | "$compiler" -std="$standard" $warnings -I"$folder" -x "$language" -
}
for family in "gcc g++" "clang clang++"; do
    c=${family% *} cxx=${family#* }
    command -v "$c" >/dev/null && command -v "$cxx" >/dev/null || continue
    compilers=$((compilers + 1))
    for include in "$@"; do
        for std in c11 c17; do compiles c "$c" $std "$include" abi.h; done
        for std in c++17 c++20; do compiles c++ "$cxx" $std "$include" abi.h; done
        compiles c++ "$cxx" c++20 "$include" plugin.hpp plugin/sha256.hpp plugin/time.hpp
        echo "ok $c and $cxx: $include"
    done
done
test "$compilers" -gt 0
