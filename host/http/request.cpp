// SPDX-License-Identifier: Apache-2.0
#include "host/http/request.h"

#include <algorithm>

#include "host/base/error.h"
#include "host/base/ids.h"

namespace portico::http {

std::optional<std::string> Request::cookie(std::string_view name) const {
    std::optional<std::string> found;
    for (const auto& [field, value] : headers.fields()) {
        if (!equalsNoCase(field, "cookie")) continue;
        std::string_view rest = value;
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find(';'), rest.size());
            const std::string_view pair = trim(rest.substr(0, end));
            rest.remove_prefix(std::min(end + 1, rest.size()));
            const std::size_t equals = pair.find('=');
            if (equals == std::string_view::npos || pair.substr(0, equals) != name) continue;
            if (found) return std::nullopt;
            found = std::string(pair.substr(equals + 1));
        }
    }
    return found;
}

std::optional<std::string> Request::param(std::string_view name) const {
    const auto found = query.find(std::string(name));
    return found == query.end() ? std::nullopt : std::optional(found->second);
}

const std::string& Request::var(std::string_view name) const {
    const auto found = vars.find(name);
    if (found == vars.end())
        throw Error(Code::Internal, "no_path_variable", "this route has no {" + std::string(name) + "}");
    return found->second;
}

const std::string& Request::idVar(std::string_view name) const {
    const std::string& text = var(name);
    if (!isId(text)) throw Error(Code::NotFound, "not_found", "there is nothing at this address");
    return text;
}

Json Request::json() const {
    const std::string_view type = header("content-type");
    if (!equalsNoCase(trim(type.substr(0, type.find(';'))), "application/json"))
        throw Error(Code::Invalid, "media_type", "the body must be sent as Content-Type: application/json");
    return Json::parse(body);
}

}  // namespace portico::http
