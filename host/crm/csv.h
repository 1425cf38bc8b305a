// SPDX-License-Identifier: Apache-2.0
// Text files that people bring: what encoding they are in, and RFC 4180 records with the line each began on. Pure
// functions; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace portico::crm {

// UTF-8 (a mark is dropped) or UTF-16 (by its mark, or by the zero bytes of its first letter) to UTF-8. Anything else
// throws Invalid "bad_encoding" naming the line and what to do.
std::string decodeText(std::string_view bytes);

struct CsvRecord {
    int line = 0;  // where it begins, from 1
    std::vector<std::string> fields;
};

// Quoted fields may hold commas, quotes ("") and line ends. Empty lines are skipped. Throws Invalid "bad_csv" naming
// the line of an unfinished quote or of text after a closing one, Limit above `most` records.
std::vector<CsvRecord> parseCsv(std::string_view text, std::size_t most);

}  // namespace portico::crm
