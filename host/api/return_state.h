// SPDX-License-Identifier: Apache-2.0
// Where a browser goes after the provider's page, and what was asked for: kept by the vault with the OAuth transaction,
// so that nothing of it passes through the browser. Plain value.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace portico::api {

struct ReturnState {
    std::string path = "/connections";      // went through checkedReturnPath
    bool picking = false;                   // files were to be chosen
    std::optional<std::string> contact_id;  // they belong to

    std::string text() const;
    // What text() wrote; a default for anything else.
    static ReturnState fromText(const std::string& text);
    // The path with these parameters added to its query.
    std::string with(const std::vector<std::pair<std::string, std::string>>& parameters) const;
};

}  // namespace portico::api
