// SPDX-License-Identifier: Apache-2.0
#include "carddav.h"

#include <portico/plugin/sha256.hpp>

namespace carddav {

namespace {

constexpr const char* kType = "text/vcard; charset=utf-8";

std::string text(const Json& change, const char* name) {
    const auto found = change.find(name);
    return found != change.end() && found->is_string() ? found->get<std::string>() : "";
}

// A weak one never matches (RFC 9110 section 13.1.1): then only the comparison just made protects the other side.
bool isStrong(const std::string& etag) { return !etag.empty() && !etag.starts_with("W/"); }

Json gone() { return {{"outcome", "conflict"}, {"code", "gone"}, {"message", "it was deleted on the server"}}; }

Json retry(const DavError& error) {
    Json outcome = {{"outcome", "retry"}, {"code", error.code()}, {"message", error.what()}};
    if (error.retryAfterMs() > 0) outcome["retry_after_ms"] = error.retryAfterMs();
    return outcome;
}

}  // namespace

// A fresh name for each intended create; the host keeps it before anything is sent.
void CardDav::prepare(const Call& call, Text book, Text intents, sdk::Output& tokens) const {
    for (const Json& intent : parseLines(intents)) {
        const std::string key = text(intent, "key");
        std::string seed(reinterpret_cast<const char*>(call.raw()->trace_id), sizeof call.raw()->trace_id);
        for (const std::string_view part : {call.tenant(), call.connection(), book, std::string_view(key)})
            (seed += std::to_string(part.size()) + ":") += part;
        seed += std::to_string(call.nowMs()) + "/" + std::to_string(call.id());
        tokens.line(Json{{"key", key}, {"token", "portico-" + sdk::sha256Hex(seed).substr(0, 32)}}.dump());
    }
}

// One outcome each. What the server refuses is its own affair; limits and silence end the run, and the rest is said not
// to have been tried. After a lost answer nothing is said: the engine reads before it repeats.
void CardDav::push(const Call& call, const std::string& book, Text lines, sdk::Output& output) const {
    const std::vector<Json> changes = parseLines(lines);
    std::optional<DavError> stop;
    for (const Json& change : changes) {
        Json outcome;
        try {
            const std::string op = text(change, "op");
            if (stop)
                outcome = retry(*stop);
            else
                outcome = op == "create"   ? create(call, book, change)
                          : op == "update" ? update(call, change)
                                           : remove(call, change);
        } catch (const DavError& error) {
            if (error.http() == 401) throw;
            const bool silent = error.http() == 0 || error.http() >= 500;
            if (silent || error.http() == 429)
                stop = DavError(PORTICO_E_UNAVAILABLE, error.code(), error.what(), 429, error.retryAfterMs());
            if (error.http() == 429 || error.http() == 503)
                outcome = retry(error);
            else if (error.http() == 507 || !silent)
                outcome = {{"outcome", "refused"}, {"code", error.code()}, {"message", error.what()}};
        }
        if (outcome.is_null()) continue;
        outcome["key"] = change.value("key", "");
        output.line(outcome.dump());
    }
}

std::optional<Card> CardDav::fetch(const Call& call, const std::string& path) const {
    const Request request{"GET", path, {{"Accept", "text/vcard"}}};
    Answer answer = dav_.send(call, request);
    if (answer.http == 404 || answer.http == 410) return std::nullopt;
    if (answer.http / 100 != 2) throwError(request, answer);
    return Card{path, answer.header("etag"), std::move(answer.content)};
}

Json CardDav::conflict(const Call& call, const std::string& path) const {
    const auto now = fetch(call, path);
    if (!now) return gone();
    return {{"outcome", "conflict"}, {"ref", path},
            {"version", now->etag},  {"record", toContact(VCard::parse(now->text))},
            {"code", "changed"},     {"message", "it was changed on the server in the meantime"}};
}

// A server that changes what it is given sends no ETag (RFC 6352 section 6.3.2.3): then it is read again.
Json CardDav::stored(const Call& call, const std::string& path, const Answer& put, const VCard& card) const {
    std::string etag = put.header("etag");
    Json record = toContact(card);
    if (etag.empty()) {
        if (const auto now = fetch(call, path)) {
            etag = now->etag;
            record = toContact(VCard::parse(now->text));
        }
    }
    return {{"outcome", "ok"}, {"ref", path}, {"version", etag}, {"record", std::move(record)}};
}

Json CardDav::create(const Call& call, const std::string& book, const Json& change) const {
    const std::string token = text(change, "token"), path = pathOfToken(book, token);
    if (token.empty()) return {{"outcome", "refused"}, {"code", "no_token"}, {"message", "a create needs its token"}};
    VCard card = VCard::fresh(token);
    applyContact(change.value("record", Json::object()), card);
    const Request request{"PUT", path, {{"Content-Type", kType}, {"If-None-Match", "*"}}, card.text()};
    const Answer answer = dav_.send(call, request);
    if (answer.http == 412) {  // it is ours, from an earlier try whose answer was lost
        const auto now = fetch(call, path);
        if (now)
            return {{"outcome", "ok"},
                    {"ref", path},
                    {"version", now->etag},
                    {"record", toContact(VCard::parse(now->text))}};
    }
    if (answer.http / 100 != 2) throwError(request, answer);
    return stored(call, path, answer, card);
}

// The card is read first and only what differs is changed in it, so that properties we do not know stay; its ETag then
// makes the server refuse if somebody was faster.
Json CardDav::update(const Call& call, const Json& change) const {
    const std::string path = text(change, "ref"), expected = text(change, "version");
    const auto now = fetch(call, path);
    if (!now) return gone();
    VCard card = VCard::parse(now->text);
    if (!expected.empty() && now->etag != expected) {
        return {{"outcome", "conflict"}, {"ref", path}, {"version", now->etag}, {"record", toContact(card)}};
    }
    const std::string before = card.text();
    applyContact(change.value("record", Json::object()), card);
    if (card.text() == before)
        return {{"outcome", "ok"}, {"ref", path}, {"version", now->etag}, {"record", toContact(card)}};
    Request request{"PUT", path, {{"Content-Type", kType}}, card.text()};
    if (isStrong(now->etag)) request.headers["If-Match"] = now->etag;
    const Answer answer = dav_.send(call, request);
    if (answer.http == 412 || answer.http == 404) return conflict(call, path);
    if (answer.http / 100 != 2) throwError(request, answer);
    return stored(call, path, answer, card);
}

Json CardDav::remove(const Call& call, const Json& change) const {
    const std::string path = text(change, "ref"), expected = text(change, "version");
    Request request{"DELETE", path};
    if (isStrong(expected)) {
        request.headers["If-Match"] = expected;
    } else if (const auto now = fetch(call, path); now && !expected.empty() && now->etag != expected) {
        return conflict(call, path);
    }
    const Answer answer = dav_.send(call, request);
    if (answer.http == 412) return conflict(call, path);
    if (answer.http != 404 && answer.http != 410 && answer.http / 100 != 2) throwError(request, answer);
    return {{"outcome", "ok"}, {"ref", path}};
}

}  // namespace carddav
