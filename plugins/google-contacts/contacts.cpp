// SPDX-License-Identifier: Apache-2.0
#include "plugins/google-contacts/contacts.h"

#include "plugins/google-common/ui.h"

namespace portico::google {

Contacts::Contacts(sdk::Host host) : Plugin(host), settings_(host), people_(host) {
    onCollections("contacts", [](const Call&, sdk::Output& lines) {
        lines.line(R"({"id":"contacts","name":"Google Contacts","writable":true})");
    });
    onPull("contacts", [this](const Call& call, Text, Text cursor, sdk::Output& out) { pull(call, cursor, out); });
    onPrepare("contacts", [this](const Call& call, Text collection, Text intents, sdk::Output& out) {
        prepare(call, collection, intents, out);
    });
    onPush("contacts", [this](const Call& call, Text, Text changes, sdk::Output& out) { push(call, changes, out); });
    onRead("contacts", [this](const Call& call, Text, Text refs, sdk::Output& out) { read(call, refs, out); });
    onAction("client", [this](const Call& call, Text context) {
        return clientPanel(call, parseObject(context, "the context")).dump();
    });
    onAction("account", [this](const Call& call, Text context) {
        return accountCard(call, parseObject(context, "the context")).dump();
    });
    onAction("sync", [](const Call&, Text) { return ui::syncNow("contacts"); });
}

std::string Contacts::labelName(const Call& call) const {
    const Json settings = parseObject(settings_.get(call), "the settings");
    if (textOf(settings, "sync") != "label") return "";
    const std::string label = textOf(settings, "label");
    return label.empty() ? "CRM" : label;
}

void Contacts::prepare(const Call& call, std::string_view collection, std::string_view intents,
                       sdk::Output& tokens) const {
    for (const Json& intent : parseLines(intents)) {
        const std::string key = textOf(intent, "key");
        tokens.line(Json{{"key", key}, {"token", newToken(call, collection, key)}}.dump());
    }
}

}  // namespace portico::google

PORTICO_PLUGIN(portico::google::Contacts, PORTICO_PLUGIN_ID, PORTICO_PLUGIN_VERSION)
