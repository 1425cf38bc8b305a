// SPDX-License-Identifier: Apache-2.0
#include "host/storage/sql_text.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include "host/base/error.h"

namespace portico::storage {
namespace {

constexpr std::string_view kTenant = ":tenant";

bool isWord(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

}  // namespace

SqlText numberParameters(std::string_view sql) {
    SqlText result;
    std::vector<std::size_t> tenant_at;
    for (std::size_t i = 0; i < sql.size(); ++i) {
        if (sql[i] == '\'') {
            i = std::min(sql.find('\'', i + 1), sql.size());
        } else if (sql[i] == '?') {
            int number = 0;
            for (; i + 1 < sql.size() && std::isdigit(static_cast<unsigned char>(sql[i + 1])) && number < 1000; ++i)
                number = number * 10 + (sql[i + 1] - '0');
            if (number < 1 || number > 999)
                throw Error(Code::Internal, "sql", "write ?1, ?2, ... in: " + std::string(sql.substr(0, 200)));
            result.arguments = std::max(result.arguments, number);
        } else if (sql.substr(i, kTenant.size()) == kTenant &&
                   (i + kTenant.size() == sql.size() || !isWord(sql[i + kTenant.size()]))) {
            tenant_at.push_back(i);
        }
    }
    std::size_t copied = 0;
    for (const std::size_t at : tenant_at) {
        result.tenant_index = result.arguments + 1;
        result.text.append(sql.substr(copied, at - copied)).append("?" + std::to_string(result.tenant_index));
        copied = at + kTenant.size();
    }
    result.text.append(sql.substr(copied));
    return result;
}

}  // namespace portico::storage
