// SPDX-License-Identifier: Apache-2.0
// The three-way merge of what a service and the CRM made of one record: "BASE OF OURS\nOURS\nBASE OF THEIRS\nTHEIRS",
// each a JSON object.
#include "tests/fuzz/fuzz.h"

#include <vector>

#include "host/base/error.h"
#include "host/sync/merge.h"

using namespace portico;
using namespace portico::sync;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::vector<Json> given;
    try {
        given = parseJsonLines(textOf(data, size));
    } catch (const Error&) {
        return 0;
    }
    for (const Json& one : given)
        if (!one.isObject()) return 0;
    if (given.size() != 4) return 0;
    const Json &base_ours = given[0], &ours = given[1], &base_theirs = given[2], &theirs = given[3];
    require(applied(base_ours, difference(base_ours, ours)) == ours, "a difference leads from one to the other");
    const Merge merged = merge(base_ours, ours, base_theirs, theirs);
    require(merged.changes_ours == !(merged.merged == ours), "it says whether ours changes");
    const Merge nothing_new = merge(base_ours, ours, base_theirs, base_theirs);
    require(nothing_new.merged == ours && nothing_new.conflicts.empty(),
            "what did not change there changes nothing here");
    const Merge untouched = merge(ours, ours, ours, theirs);
    require(untouched.merged == theirs && untouched.conflicts.empty(), "what we did not touch becomes theirs");
    require(merge(theirs, theirs, theirs, theirs).conflicts.empty(), "equal sides agree");
    return 0;
}
