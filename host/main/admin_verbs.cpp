// SPDX-License-Identifier: Apache-2.0
// Verbs that ask the running server through DATA/run/admin.sock (0600: whoever may open it owns the data anyway).
#include <algorithm>
#include <filesystem>
#include <iostream>

#include "host/base/error.h"
#include "host/base/fd.h"
#include "host/main/admin_client.h"
#include "host/main/commands.h"

namespace portico::app {
namespace {

void printPreview(const Json& preview) {
    std::cout << preview.integer("rows") << " rows: " << preview.integer("valid") << " can be imported, "
              << preview.at("duplicates").items().size() << " of them are clients that you have already, "
              << preview.at("errors").items().size() << " have errors\n";
    for (const Json& error : preview.at("errors").items()) {
        const std::string column = error.getStr("column");
        std::cout << "  line " << error.integer("line") << (column.empty() ? "" : ", " + column) << ": "
                  << error.str("problem") << "\n";
    }
}

}  // namespace

int importContacts(Arguments& arguments) {
    const std::string data = arguments.required("data"), tenant = arguments.required("tenant");
    const bool commit = arguments.flag("commit");
    if (const auto undo = arguments.option("undo")) {
        arguments.finish();
        const Json done = ask(data, "import.undo", Json::object().set("tenant", tenant).set("import", *undo));
        std::cout << done.integer("deleted") << " clients removed again; " << done.at("kept").items().size()
                  << " were changed or used since and kept\n";
        return 0;
    }
    const std::string file = arguments.positional("the CSV file");
    arguments.finish();
    const std::string bytes = readFile(file, 32u << 20);
    const Json question =
        Json::object().set("tenant", tenant).set("name", std::filesystem::path(file).filename().string());
    printPreview(ask(data, "import.preview", question, bytes));
    if (!commit) {
        std::cout << "Nothing was changed. To import: the same command with --commit\n";
        return 0;
    }
    const Json done = ask(data, "import.commit", question, bytes);
    std::cout << done.integer("created") << " clients imported, " << done.integer("skipped")
              << " skipped. To take it back:\n  portico import --undo " << done.str("id") << " --data " << data
              << " --tenant " << tenant << "\n";
    return 0;
}

int tenant(Arguments& arguments) {
    const std::string what = arguments.positional("list or create");
    const std::string data = arguments.required("data");
    if (what == "list") {
        arguments.finish();
        const Json answer = ask(data, "tenant.list", Json::object());
        for (const Json& one : answer.at("tenants").items())
            std::cout << one.str("slug") << "\t" << one.str("name") << "\t" << one.str("timeZone") << "\n";
        return 0;
    }
    if (what != "create") throw Error(Code::Invalid, "usage", "'" + what + "' is not one of list, create");
    Json question = Json::object();
    question.set("name", arguments.positional("the tenant's name")).set("owner", arguments.required("owner"));
    if (const auto zone = arguments.option("time-zone")) question.set("timeZone", *zone);
    arguments.finish();
    const Json made = ask(data, "tenant.create", question);
    std::cout << "tenant " << made.str("slug") << " made. Its owner signs in as " << made.str("email")
              << " with the password " << made.str("password")
              << "\nand changes it under Settings; it is shown only here.\n";
    return 0;
}

int doctor(Arguments& arguments) {
    const std::string data = arguments.required("data");
    arguments.finish();
    const Json report = ask(data, "doctor", Json::object());
    bool healthy = true;
    for (const Json& check : report.at("checks").items()) {
        const std::string& state = check.str("state");
        healthy &= state != "fault";
        std::cout << (state == "ok"      ? "ok    "
                      : state == "fault" ? "FAULT "
                                         : "note  ")
                  << check.str("name") << ": " << check.str("text") << "\n";
    }
    return healthy ? 0 : 1;
}

}  // namespace portico::app
