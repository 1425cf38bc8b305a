// SPDX-License-Identifier: Apache-2.0
// A plugin that keeps texts in the host's store, built against several minors: the headers of each release, and the
// next minor that next_minor.cmake derives from this tree (PORTICO_NEXT_MINOR), whose store has `remove`. Built with
// SKEW_NEEDS it requires that minor; without, it is content with any.
#include <portico/plugin.hpp>

namespace {

using portico::sdk::Call;

class Keeper : public portico::sdk::Store {
public:
    using Store::Store;
#ifdef PORTICO_NEXT_MINOR
    void remove(const Call& call, std::string_view key) const {
        use(call, "remove", &portico_store_1::remove, portico::sdk::span(key));
    }
#endif
};

class Skew final : public portico::sdk::Plugin {
public:
    explicit Skew(portico::sdk::Host given) : Plugin(given), store_(given) {
        onAction("put", [this](const Call& call, Text key) {
            store_.write(call, portico::sdk::StoreBatch().put(key, "kept"));
            return std::string("{}");
        });
        onAction("get", [this](const Call& call, Text key) {
            const auto stored = store_.get(call, key);
            return portico::sdk::jsonQuoted(stored ? stored->value : "");
        });
#ifdef PORTICO_NEXT_MINOR
        onAction("remove", [this](const Call& call, Text key) {
            store_.remove(call, key);
            return std::string("{}");
        });
        // What a careful author writes: the new function where there is one, else the old way.
        onAction("forget", [this](const Call& call, Text key) {
            const bool has = store_.has(&portico_store_1::remove);
            if (has)
                store_.remove(call, key);
            else
                store_.write(call, portico::sdk::StoreBatch().remove(key));
            return std::string(has ? "\"new\"" : "\"old\"");
        });
#endif
    }

private:
    Keeper store_;
};

}  // namespace

#ifndef SKEW_NEEDS
#define SKEW_NEEDS 0
#endif
PORTICO_PLUGIN_NEEDS(Skew, "skew", "1.0.0", SKEW_NEEDS)
