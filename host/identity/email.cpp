// SPDX-License-Identifier: Apache-2.0
#include "host/identity/email.h"

#include <Poco/String.h>
#include <Poco/UTF8String.h>

#include <algorithm>

#include "host/base/bytes.h"
#include "host/base/error.h"

namespace portico::identity {

std::string foldEmail(std::string_view email) {
    if (!isUtf8(email)) throw Error(Code::Invalid, "bad_email", "the e-mail address is not valid text (UTF-8)");
    return Poco::UTF8::toLower(Poco::trim(std::string(email)));
}

void checkEmail(std::string_view email) {
    const std::size_t at = email.rfind('@');
    const bool odd = std::any_of(email.begin(), email.end(), [](char c) {
        return static_cast<unsigned char>(c) <= ' ' || c == '<' || c == '>' || c == ',';
    });
    if (odd || at == std::string_view::npos || at == 0 || at + 1 == email.size() || email.size() > 254)
        throw Error(Code::Invalid, "bad_email",
                    "'" + std::string(email.substr(0, 80)) + "' is not an e-mail address such as name@example.org");
}

}  // namespace portico::identity
