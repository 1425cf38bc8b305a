// SPDX-License-Identifier: Apache-2.0
// The plugin in this very process, which is the test's own. Everything lent to it lies in guarded pages, exceptions are
// stopped at the border, and its lifecycle functions can be called one by one. The library is loaded once per process,
// by the runner's own loader, from a sealed memory file.
#pragma once

#include <functional>
#include <memory>

#include "host/check/home.h"

namespace portico::check {

// Throws Fault when it does not load. The first call loads; each calls the library's entry function.
const portico_entry& loadedEntry(const Subject& subject);

class Local final : public Home {
public:
    Local(const Subject& subject, StrictHost& host);

    Reply create() override;
    Reply start(const std::string& config) override;
    Reply stop() override;
    void destroy() override;
    Reply call(const Ask& ask, const CallOptions& options = {}) override;
    const wire::PluginTables& tables() const override { return tables_; }

    portico_plugin* plugin() const { return plugin_; }
    const portico_plugin& functions() const { return lifecycle_; }
    const void* extension(std::string_view id);

private:
    using Function = std::function<portico_status(const portico_call*, LiveCall&, Reply&)>;
    Reply withCall(const std::string& what, const std::string& connection, const CallOptions& options,
                   const Function& function);

    const Subject& subject_;
    StrictHost& host_;
    portico_plugin* plugin_ = nullptr;
    portico_plugin lifecycle_{};
    wire::PluginTables tables_;
};

}  // namespace portico::check
