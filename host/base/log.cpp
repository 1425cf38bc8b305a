// SPDX-License-Identifier: Apache-2.0
#include "host/base/log.h"

#include <Poco/AutoPtr.h>
#include <Poco/ConsoleChannel.h>
#include <Poco/FormattingChannel.h>
#include <Poco/Logger.h>
#include <Poco/PatternFormatter.h>

#include <algorithm>
#include <cctype>
#include <iostream>

#include "host/base/clock.h"
#include "host/base/json.h"

namespace portico::log {
namespace {

// What secrets begin with: access token, refresh token, authorization code, client secret, JWT, Authorization header.
constexpr std::string_view kMarks[] = {"ya29.", "1//", "4/0", "GOCSPX-", "eyJ", "Bearer ", "Basic "};

// Of any secret: base64 in both alphabets, percent-encoded or not.
bool ofSecret(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("-_.~+/=%").find(c) != std::string_view::npos;
}

void write(Poco::Message::Priority priority, const char* level, std::string_view event, Fields fields) {
    Poco::Logger& logger = Poco::Logger::get("portico");
    if (!logger.is(priority)) return;
    Json line = Json::object();
    line.set("at", formatInstant(SystemClock().now())).set("level", level).set("event", std::string(event));
    for (const auto& [name, value] : fields) line.set(name, value);
    Poco::Message message(logger.name(), masked(line.dump()), priority);
    logger.log(message);
}

}  // namespace

std::string masked(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auto mark = std::find_if(std::begin(kMarks), std::end(kMarks),
                                       [&](std::string_view each) { return text.starts_with(each); });
        if (mark == std::end(kMarks)) {
            out += text.front();
            text.remove_prefix(1);
            continue;
        }
        out.append(*mark).append("***");
        text.remove_prefix(mark->size());
        while (!text.empty() && ofSecret(text.front())) text.remove_prefix(1);
    }
    return out;
}

void start(std::string_view process, std::string_view level) {
    Poco::AutoPtr<Poco::ConsoleChannel> console(new Poco::ConsoleChannel(std::cerr));
    Poco::AutoPtr<Poco::PatternFormatter> pattern(new Poco::PatternFormatter(std::string(process) + " %t"));
    Poco::AutoPtr<Poco::FormattingChannel> channel(new Poco::FormattingChannel(pattern, console));
    Poco::Logger& logger = Poco::Logger::get("portico");
    logger.setChannel(channel);
    logger.setLevel(level == "info" ? "information" : std::string(level));
}

void debug(std::string_view event, Fields fields) { write(Poco::Message::PRIO_DEBUG, "debug", event, fields); }
void info(std::string_view event, Fields fields) { write(Poco::Message::PRIO_INFORMATION, "info", event, fields); }
void warning(std::string_view event, Fields fields) { write(Poco::Message::PRIO_WARNING, "warning", event, fields); }
void error(std::string_view event, Fields fields) { write(Poco::Message::PRIO_ERROR, "error", event, fields); }

}  // namespace portico::log
