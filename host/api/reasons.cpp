// SPDX-License-Identifier: Apache-2.0
#include "host/api/reasons.h"

#include <algorithm>
#include <array>

namespace portico::api {
namespace {

struct Word {
    std::string_view ours;
    Code code;
    std::string_view theirs;
};

constexpr std::array kWords = {
    Word{"version_mismatch", Code::Conflict, "stale_version"},
    Word{"stale", Code::Conflict, "stale_version"},
    Word{"precondition_required", Code::Conflict, "if_match_required"},
    Word{"csrf", Code::Denied, "csrf_failed"},
    Word{"role", Code::Denied, "role_needed"},
    Word{"link_expired", Code::Denied, "setup_token_invalid"},
    Word{"erasure_link_expired", Code::Denied, "erasure_link_expired"},
    Word{"setup_link_expired", Code::Denied, "setup_link_expired"},
    Word{"nonexistent_time", Code::Invalid, "no_such_local_time"},
    Word{"bad_cursor", Code::Invalid, "invalid_parameter"},
    Word{"bad_member", Code::Invalid, "invalid_body"},
    Word{"bad_type", Code::Invalid, "invalid_body"},
    Word{"missing_member", Code::Invalid, "invalid_body"},
    Word{"bad_json", Code::Invalid, "invalid_body"},
    Word{"bad_value", Code::Invalid, "invalid_body"},
    Word{"bad_limit", Code::Invalid, "invalid_parameter"},
    Word{"bad_search", Code::Invalid, "invalid_parameter"},
    Word{"bad_date", Code::Invalid, "invalid_parameter"},
    Word{"plugin_output", Code::Unavailable, "plugin_unavailable"},
    Word{"bad_ui_tree", Code::Unavailable, "bad_panel"},
    Word{"plugin_ended", Code::Unavailable, "plugin_unavailable"},
    Word{"plugin_resting", Code::Unavailable, "plugin_unavailable"},
    Word{"plugin_quarantined", Code::Unavailable, "plugin_unavailable"},
    Word{"runner_silent", Code::Unavailable, "plugin_unavailable"},
};

// Which statement found no room, and in which file, helps nobody but the operator, who has it in the log.
constexpr const char* kDiskFull =
    "Nothing was saved, because the disk of this Portico is full. Nothing was lost: everything saved before is safe. "
    "Whoever runs this Portico has to free some space; then try again.";

}  // namespace

Error inApiWords(const Error& error) {
    if (error.reason() == "disk_full") return Error(Code::Unavailable, "disk_full", kDiskFull, error.retryAfterMs());
    const auto word =
        std::find_if(kWords.begin(), kWords.end(), [&](const Word& w) { return w.ours == error.reason(); });
    if (word == kWords.end()) {
        if (error.code() != Code::NotFound) return error;
        // One reason for all, so that nothing tells a missing thing from somebody else's.
        return Error(Code::NotFound, "not_found", error.what()).withDetails(error.details());
    }
    return Error(word->code, std::string(word->theirs), error.what(), error.retryAfterMs())
        .withDetails(error.details());
}

}  // namespace portico::api
