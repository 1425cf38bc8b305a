// SPDX-License-Identifier: Apache-2.0
// What happens to one link when the service shows a record: merge, stop at a conflict, adopt, or notice a removal.
// Shared by pull (the service spoke first) and push (it answered that it had changed). Works inside the caller's
// transaction.
#pragma once

#include "host/sync/links.h"
#include "host/sync/ports.h"

namespace portico::sync {

struct Scope {        // whose data, through which stream; one per run
    CallContext ctx;  // actor.via is "sync:<connection>", by which the engine knows its own echoes
    StreamState stream;
    const Records& records;
    std::int64_t now_ms;
    const manifest::Manifest* plugin = nullptr;  // what it may be given of other plugins' data; unknown: nothing

    plugin::Reader reader(storage::Tx& tx) const {
        return plugin == nullptr ? plugin::Reader(tx, PluginId(stream.plugin), {}) : plugin::Reader(tx, *plugin);
    }
};

// The remote record as it is now; the link is saved with what follows from it.
void reconcile(storage::Tx& tx, const Scope& scope, Link link, const Json& remote, const std::string& version);

// A remote record without a link: found again by its token, adopted by likeness, or created here.
void takeOver(storage::Tx& tx, const Scope& scope, const std::string& ref, const std::string& version,
              const Json& remote);

void removedThere(storage::Tx& tx, const Scope& scope, Link link);

}  // namespace portico::sync
