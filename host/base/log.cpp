// SPDX-License-Identifier: Apache-2.0
#include "host/base/log.h"

#include <Poco/AutoPtr.h>
#include <Poco/ConsoleChannel.h>
#include <Poco/FormattingChannel.h>
#include <Poco/Logger.h>
#include <Poco/PatternFormatter.h>

#include <iostream>

#include "host/base/clock.h"
#include "host/base/json.h"

namespace portico::log {
namespace {

// Replaces the value after "ya29." and "1//": no code path should put a token here, and none may by accident.
std::string masked(std::string text) {
    for (const std::string_view mark : {"ya29.", "1//"}) {
        for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + mark.size())) {
            std::size_t end = at + mark.size();
            while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) || text[end] == '-' ||
                                         text[end] == '_' || text[end] == '.'))
                ++end;
            text.replace(at, end - at, mark == "ya29." ? "ya29.***" : "1//***");
        }
    }
    return text;
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
