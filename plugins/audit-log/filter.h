// SPDX-License-Identifier: Apache-2.0
// Which entries a reader asked for. Immutable.
#pragma once

#include "plugins/audit-log/chain.h"

#include <optional>

namespace portico::audit {

class Filter {
public:
    // args: actor?, type? ("contact.*" for a family), subject? (id, or "contact/ID"), from?, to? (RFC 3339, to
    // exclusive). PluginError (Invalid) names what cannot be used.
    explicit Filter(const Json& args);

    bool matches(const Json& entry) const;

private:
    std::string actor_, type_, subject_;
    std::optional<std::int64_t> from_, to_;
};

}  // namespace portico::audit
