// SPDX-License-Identifier: Apache-2.0
// A third party's plugin, as small as one can be that keeps something: "write" stores a line, "read" gives it back.
#include <portico/plugin.hpp>

namespace {

using namespace portico::sdk;

class Notebook final : public Plugin {
public:
    explicit Notebook(Host host) : Plugin(host), store_(host) {
        onAction("write", [this](const Call& call, std::string_view args) {
            StoreBatch batch;
            batch.put("line", std::string(args));
            store_.write(call, batch);
            return std::string("{}");
        });
        onAction("read", [this](const Call& call, std::string_view) {
            const auto line = store_.get(call, "line");
            return std::string("{\"version\":\"" NOTEBOOK_VERSION "\",\"line\":") + (line ? line->value : "null") + "}";
        });
    }

private:
    Store store_;
};

}  // namespace

PORTICO_PLUGIN(Notebook, "org.example.notebook", NOTEBOOK_VERSION)
