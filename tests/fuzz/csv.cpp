// SPDX-License-Identifier: Apache-2.0
// A file that somebody uploads as an export of their contacts: text of an unknown encoding, then CSV, then cards.
#include "tests/fuzz/fuzz.h"

#include "host/base/bytes.h"
#include "host/base/error.h"
#include "host/crm/card.h"
#include "host/crm/csv.h"
#include "host/crm/import.h"

using namespace portico;
using namespace portico::crm;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = textOf(data, size);
    try {
        const std::string text = decodeText(bytes);
        require(isUtf8(text) && text.find('\0') == std::string::npos, "what is decoded is text");
        int line = 0;
        for (const CsvRecord& record : parseCsv(text, 1000)) {
            require(record.line > line, "lines are counted upwards");
            line = record.line;
        }
        const ParsedImport parsed = parseGoogleCsv(bytes);
        require(static_cast<int>(parsed.cards.size()) <= parsed.rows, "no more cards than rows");
        for (const ImportedCard& one : parsed.cards) {
            require(checkedCard(one.card) == one.card, "an imported card is a whole card");
            require(!indexOf(one.card).display_name.empty(), "it can be called by a name");
        }
        for (const ImportProblem& problem : parsed.errors)
            require(problem.line > 1 && !problem.problem.empty(), "a problem says where and what");
    } catch (const Error& error) {
        require(error.what()[0] != '\0', "every error has words");
    }
    return 0;
}
