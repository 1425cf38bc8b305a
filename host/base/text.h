// SPDX-License-Identifier: Apache-2.0
// Text of protocols: names of headers, hosts and mail domains, which are ASCII and compared without regard to case.
#pragma once

#include <string>

namespace portico {

// Only A–Z change, whatever the locale; bytes of UTF-8 stay as they are.
[[nodiscard]] inline std::string lowerAscii(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

}  // namespace portico
