// SPDX-License-Identifier: Apache-2.0
// What this build offers to plugins. Header-only, because the command line asks it too and links no room that holds
// data.
#pragma once

#include "host/manifest/loadable.h"
#include "host/wire/core/tables.h"

namespace portico::plugin {

// `drafts`: whether the operator allows abilities that may still change.
inline manifest::HostOffer hostOffer(bool drafts) {
    constexpr auto kNames = wire::HostTables::names();
    return {PORTICO_ABI_MAJOR, PORTICO_ABI_MINOR, {kNames.begin(), kNames.end()}, drafts};
}

}  // namespace portico::plugin
