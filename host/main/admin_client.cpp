// SPDX-License-Identifier: Apache-2.0
#include "host/main/admin_client.h"

#include <filesystem>

#include "host/base/error.h"
#include "host/base/fd.h"
#include "host/wire/service_server.h"

namespace portico::app {
namespace {

constexpr auto kPatience = std::chrono::minutes(10);

}  // namespace

Json ask(const std::string& data, const std::string& method, const Json& question, std::string_view body) {
    const std::filesystem::path socket = std::filesystem::path(data) / "run" / "admin.sock";
    std::vector<Fd> lanes;
    try {
        lanes.push_back(wire::connectTo(socket));
    } catch (const Error& error) {
        throw Error(
            Code::Unavailable, "not_running",
            "no Portico is running on " + data + ": start it with `portico serve --data " + data + "` and try again");
    }
    wire::ServiceClient server(std::move(lanes));
    return Json::parse(server.call(method, question.dump(), body, Deadline::in(kPatience)).json);
}

std::optional<Json> askIfRunning(const std::string& data, const std::string& method, const Json& question) {
    try {
        return ask(data, method, question);
    } catch (const Error& error) {
        if (error.reason() == "not_running") return std::nullopt;
        throw;
    }
}

}  // namespace portico::app
