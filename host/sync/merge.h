// SPDX-License-Identifier: Apache-2.0
// The field-level three-way merge. Two documents that describe one thing, here and at a service, are each compared with
// what that side looked like at the last common moment; the service's changes are then played onto ours.
// Two bases are kept because services normalise and drop members: with one base, a member that Google does not keep
// would look deleted at every pull. Pure functions, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/base/json.h"

namespace portico::sync {

// One changed member: its path from the root, and its new value (nothing: removed). Objects are compared member by
// member, which is why JSContact and JSCalendar key their lists by id; arrays and scalars change as a whole.
struct Change {
    std::vector<std::string> path;
    std::optional<Json> value;
};

std::vector<Change> difference(const Json& before, const Json& after);
Json applied(Json document, const std::vector<Change>& changes);

struct Merge {
    Json merged;                         // ours with the service's changes; ours alone where they conflict
    std::vector<std::string> conflicts;  // JSON Pointers (RFC 6901) changed on both sides to different values
    bool changes_ours = false;           // merged differs from ours: write it here
    bool changes_theirs = false;         // ours has changes that the service has not seen: push
};

Merge merge(const Json& base_ours, const Json& ours, const Json& base_theirs, const Json& theirs);

}  // namespace portico::sync
