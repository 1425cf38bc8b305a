// SPDX-License-Identifier: Apache-2.0
#include "host/api/return_state.h"

#include "host/base/error.h"
#include "host/base/json.h"
#include "host/http/uri.h"

namespace portico::api {

std::string ReturnState::text() const {
    return Json::object(
               {{"path", path}, {"picking", picking}, {"contactId", contact_id ? Json(*contact_id) : Json(nullptr)}})
        .dump();
}

ReturnState ReturnState::fromText(const std::string& text) {
    try {
        const Json json = Json::parse(text);
        return {json.str("path"), json.getBool("picking"), json.optStr("contactId")};
    } catch (const Error&) {
        return {};
    }
}

std::string ReturnState::with(const std::vector<std::pair<std::string, std::string>>& parameters) const {
    std::string url = path;
    for (const auto& [name, value] : parameters) {
        url += url.find('?') == std::string::npos ? '?' : '&';
        url += name + "=" + http::percentEncode(value);
    }
    return url;
}

}  // namespace portico::api
