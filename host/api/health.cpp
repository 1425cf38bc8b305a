// SPDX-License-Identifier: Apache-2.0
// For load balancers and supervisors: /healthz says that the process answers, /readyz that what it needs does. They
// name the part and the problem in words, and nothing that would help an attacker.
#include "host/api/resources.h"
#include "host/base/error.h"
#include "host/base/log.h"

namespace portico::api {
namespace {

std::string problemOf(const Probe& probe) {
    try {
        return probe.problem();
    } catch (...) {
        const Error error = currentError();
        log::warning("probe_failed", {{"part", probe.name}, {"reason", error.what()}});
        return error.reason();
    }
}

http::Response readiness(Call& call) {
    Json parts = Json::object();
    bool ready = true;
    for (const Probe& probe : call.services.probes) {
        const std::string problem = problemOf(probe);
        ready = ready && problem.empty();
        parts.set(probe.name, problem.empty() ? "ok" : problem);
    }
    http::Response response =
        http::Response::json(Json::object({{"ready", ready}, {"parts", std::move(parts)}}), ready ? 200 : 503);
    response.header("Cache-Control", "no-store");
    return response;
}

}  // namespace

void addHealth(Routes& routes) {
    routes.open("/healthz", [](Call&) { return http::Response::text("ok\n"); });
    routes.open("/readyz", readiness);
}

}  // namespace portico::api
