// SPDX-License-Identifier: Apache-2.0
#include "host/check/judge.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "host/base/bytes.h"
#include "host/base/error.h"
#include "host/check/json_schema.h"

namespace portico::check {
namespace {

constexpr std::size_t kMaxResult = 4u << 20, kMaxLine = 1u << 20;  // what the host reads (host/plugin)

bool printable(std::string_view text) {
    return isUtf8(text) && std::none_of(text.begin(), text.end(), [](unsigned char byte) {
               return byte == 0x7f || (byte < 0x20 && byte != '\n' && byte != '\t');
           });
}

std::vector<Json> linesOf(std::string_view text) { return parseJsonLines(text, kMaxLine); }

// The keys of the lines that were asked; none when the question is not in order itself (a line without one, or one
// twice), because then nothing can be expected of the answer's.
std::set<std::string> keysOf(std::string_view asked, const char* name) {
    std::set<std::string> keys;
    try {
        for (const Json& line : linesOf(asked))
            if (line.has(name) && !keys.insert(line.str(name)).second) return {};
    } catch (const Error&) {
        keys.clear();
    }
    return keys;
}

// The order of a pull's lines: anything may come until "done" or "expired", which is last and comes once.
std::string pullFault(const std::vector<Json>& lines) {
    bool ended = false;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::string op = lines[i].getStr("op");
        if (ended) return "line " + std::to_string(i + 1) + " (" + op + ") comes after the line that ends the pull";
        ended = op == "done" || op == "expired";
    }
    return ended ? "" : "it ended without a line \"done\" or \"expired\"";
}

std::string repeatedFault(const std::vector<Json>& lines, const char* name, const std::set<std::string>& asked) {
    if (asked.empty()) return "";
    std::set<std::string> seen;
    for (const Json& line : lines) {
        const std::string key = line.getStr(name);
        if (!seen.insert(key).second) return "two lines have the same " + std::string(name) + " " + key;
        if (!asked.contains(key))
            return "a line has the " + std::string(name) + " " + key + ", which nothing it was given has";
    }
    return "";
}

std::string foundFault(const std::vector<Json>& lines, std::string_view asked) {
    std::set<std::string> refs, tokens;
    try {
        for (const Json& line : linesOf(asked))
            line.has("ref") ? refs.insert(line.str("ref")) : tokens.insert(line.str("token"));
    } catch (const Error&) {
        return "";  // the question was not in order itself
    }
    for (const Json& line : lines)
        if (!refs.contains(line.getStr("ref", "?")) && !tokens.contains(line.getStr("token", "?")))
            return "a line repeats neither a ref nor a token it was asked about: " + line.dump().substr(0, 200);
    return "";
}

// It may have kept more before than it was given now, so only the form can be judged here.
std::string ackFault(const std::string& out) {
    std::int64_t sequence = -1;
    const auto [end, error] = std::from_chars(out.data(), out.data() + out.size(), sequence);
    if (error == std::errc() && end == out.data() + out.size() && sequence >= 0) return "";
    return "it acknowledged \"" + out.substr(0, 60) + "\", which is no decimal number";
}

struct Form {
    const char* schema;
    const char* part;
};

std::string lineFaults(const Form& form, const std::vector<Json>& lines) {
    for (std::size_t i = 0; i < lines.size(); ++i)
        if (std::string fault = schemaFault(form.schema, lines[i], "line " + std::to_string(i + 1), form.part);
            !fault.empty())
            return fault;
    return "";
}

std::string resultFault(const manifest::Manifest& manifest, const std::string& action, const std::string& out) {
    if (out.empty()) return "";
    if (out.size() > kMaxResult) return "its result is larger than 4 MiB, which the host refuses";
    const Json result = Json::parse(out, kMaxResult);
    const bool drawn = std::any_of(manifest.contributes.begin(), manifest.contributes.end(),
                                   [&](const auto& each) { return each.action == action; });
    return drawn ? schemaFault("ui-tree", result, "the UI tree") : "";
}

std::string outputFault(const manifest::Manifest& manifest, const Ask& ask, const std::string& out) {
    switch (ask.function) {
        case Function::Invoke: return resultFault(manifest, ask.in[0], out);
        case Function::Consume: return ackFault(out);
        case Function::Watch: {
            const Json watch = Json::parse(out, kMaxResult);
            return watch.isObject() && watch.has("ref") ? "" : "the watch has no member \"ref\"";
        }
        case Function::Unwatch: return "";
        default: break;
    }
    const std::vector<Json> lines = linesOf(out);
    switch (ask.function) {
        case Function::Collections: return lineFaults({"sync-lines", "#/$defs/collection"}, lines);
        case Function::Pull: {
            const std::string fault = lineFaults({"sync-lines", "#/$defs/change"}, lines);
            return fault.empty() ? pullFault(lines) : fault;
        }
        case Function::Prepare: {
            const std::string fault = lineFaults({"sync-lines", "#/$defs/token"}, lines);
            return fault.empty() ? repeatedFault(lines, "key", keysOf(ask.in[2], "key")) : fault;
        }
        case Function::Push: {
            const std::string fault = lineFaults({"sync-lines", "#/$defs/outcome"}, lines);
            return fault.empty() ? repeatedFault(lines, "key", keysOf(ask.in[2], "key")) : fault;
        }
        case Function::Read: {
            const std::string fault = lineFaults({"sync-lines", "#/$defs/found"}, lines);
            return fault.empty() ? foundFault(lines, ask.in[2]) : fault;
        }
        case Function::Busy: return lineFaults({"availability", "#"}, lines);
        default: break;
    }
    for (const Json& line : lines)
        if (!line.isObject() || line.getStr("stream").empty() || !line.has("collection"))
            return "a notification's line must have \"stream\" and \"collection\": " + line.dump().substr(0, 200);
    return "";
}

}  // namespace

std::string statusText(portico_status status) {
    return std::to_string(status) + " (" + std::string(codeName(codeFromStatus(status))) + ")";
}

std::string failureFault(const std::string& what, const Reply& reply) {
    if (reply.status > 0) return what + " returned " + std::to_string(reply.status) + ", which is no status";
    if (reply.ok()) return "";
    // "asks the writer to stop and return it": the refusal is the explanation.
    if (reply.refused != 0 && reply.status == reply.refused && reply.failure.empty()) return "";
    if (reply.failure.text.empty() || reply.failure.code.empty())
        return what + " failed with " + statusText(reply.status) +
               " without saying why (call->fail needs a code and a message)";
    if (!printable(reply.failure.text) || !printable(reply.failure.code))
        return what + " explained its failure with bytes that are not printable UTF-8 text";
    if (reply.failure.code.size() > 64 || reply.failure.code.find_first_of(" \n\t") != std::string::npos)
        return what + " failed with the code \"" + reply.failure.code.substr(0, 80) +
               "\", which is no single word of at most 64 bytes";
    if (reply.failure.retry_after_ms < 0) return what + " failed with a negative retry_after_ms";
    return "";
}

std::string faultOf(const manifest::Manifest& manifest, const Ask& ask, const Reply& reply) {
    const std::string what = describe(ask);
    if (std::string fault = failureFault(what, reply); !fault.empty()) return fault;
    if (reply.after_refusal > 16)
        return what + " wrote " + std::to_string(reply.after_refusal) +
               " more times into a sink that had asked it to stop";
    if (reply.refused != 0) return "";  // cut short: nothing can be said about its form
    if (!isUtf8(reply.out)) return what + " gave output that is not valid UTF-8";
    if (!reply.ok()) return "";
    try {
        const std::string fault = outputFault(manifest, ask, reply.out);
        return fault.empty() ? "" : what + ": " + fault;
    } catch (const Error& error) {
        return what + " gave output that is not of the published form: " + error.what();
    }
}

}  // namespace portico::check
