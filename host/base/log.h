// SPDX-License-Identifier: Apache-2.0
// Structured log lines on standard error, one JSON object each, through Poco's logger (level and channel are its
// configuration). Thread-safe. Fields never hold secrets; anything that looks like one is masked all the same.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace portico::log {

using Fields = std::initializer_list<std::pair<std::string_view, std::string>>;

// Once per process, before threads: `process` ("server", "vault") is in every line; level is trace..error.
void start(std::string_view process, std::string_view level);

// The text with everything masked that looks like a Google token, code or client secret, a JWT, or the value of an
// Authorization header.
std::string masked(std::string_view text);

void debug(std::string_view event, Fields fields = {});
void info(std::string_view event, Fields fields = {});
void warning(std::string_view event, Fields fields = {});
void error(std::string_view event, Fields fields = {});

}  // namespace portico::log
