// SPDX-License-Identifier: Apache-2.0
// `portico google ...`: setting up the operator's own Google Cloud project, through the running server.
#include <iostream>
#include <map>

#include "host/base/error.h"
#include "host/main/admin_client.h"
#include "host/main/commands.h"

namespace portico::app {
namespace {

int setup(const std::string& data) {
    std::cout << "Open this page; it leads through the Google Cloud console step by step.\n"
              << "The link works once, for 15 minutes; the page then stays open for an hour:\n\n  "
              << ask(data, "google.link", Json::object()).str("url") << "\n\n";
    return 0;
}

int status(const std::string& data) {
    static const std::map<std::string, const char*> kStates{
        {"ok", "ok        "}, {"attention", "ATTENTION "}, {"failing", "FAULT     "}, {"unknown", "?         "}};
    const Json answer = ask(data, "google.status", Json::object());
    bool failing = false;
    for (const Json& check : answer.at("checks").items()) {
        failing = failing || check.str("state") == "failing";
        std::cout << kStates.at(check.str("state")) << check.str("seen") << "\n";
        const std::string indent(10, ' ');
        if (!check.str("advice").empty()) std::cout << indent << check.str("advice") << "\n";
        if (!check.str("link").empty()) std::cout << indent << check.str("link") << "\n";
    }
    return failing ? 1 : 0;
}

int forget(const std::string& data, bool yes) {
    const Json done = ask(data, "google.forget", Json::object({{"yes", yes}}));
    std::cout << "The client id and secret are gone. Connections that stand still now: " << done.integer("connections")
              << "\nThe client itself is still at Google: delete it there if it is not to be used again.\n";
    return 0;
}

}  // namespace

int google(Arguments& arguments) {
    const std::string what = arguments.positional("setup, status or forget");
    const std::string data = arguments.required("data");
    const bool yes = what == "forget" && arguments.flag("yes");
    arguments.finish();
    if (what == "setup") return setup(data);
    if (what == "status") return status(data);
    if (what == "forget") return forget(data, yes);
    throw Error(Code::Invalid, "usage", "'" + what + "' is not one of setup, status, forget");
}

}  // namespace portico::app
