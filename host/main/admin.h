// SPDX-License-Identifier: Apache-2.0
// What the command line may ask of the running server, over DATA/run/admin.sock (0600). The one caller is the machine's
// own operator, who is nobody's user: changes are the system's, "via cli". Thread-safe.
#pragma once

#include <functional>

#include "host/base/clock.h"
#include "host/base/json.h"
#include "host/storage/database.h"
#include "host/wire/service.h"

namespace portico::credential {
class Vault;
}
namespace portico::identity {
class Links;
}
namespace portico::plugin {
class EventFeed;
class LogBook;
class Plugins;
}  // namespace portico::plugin

namespace portico::app {

struct Check {
    enum class State { Ok, Attention, Fault };
    std::string name, text;
    State state = State::Ok;
};

struct AdminParts {
    storage::Database& database;
    identity::Links& links;
    plugin::Plugins& plugins;
    plugin::EventFeed& feed;
    credential::Vault& vault;
    plugin::LogBook& logs;
    bool developer_mode;
    const Clock& clock;
    std::function<std::vector<Check>()> checks;  // for `portico doctor`
    std::function<std::string()> google_link;    // for `portico google setup`
    std::function<Json()> google;                // for `portico google status`
};

// Methods: tenant.list, tenant.create, import.preview, import.commit, import.undo, plugins.list, plugins.reload,
// plugins.developer, plugins.log, google.link, google.status, google.forget, doctor.
wire::ServiceHandler adminHandler(AdminParts parts);

}  // namespace portico::app
