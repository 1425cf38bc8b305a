// SPDX-License-Identifier: Apache-2.0
#include "host/sync/watches.h"

#include <algorithm>
#include <utility>

#include "host/base/bytes.h"
#include "host/base/error.h"
#include "host/base/log.h"
#include "host/jobs/backoff.h"

namespace portico::sync {
namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr Millis kUnsaidLife = std::chrono::hours(24 * 7), kLongestLife = std::chrono::hours(24 * 30);
constexpr Millis kSettle = std::chrono::seconds(1);  // changes come in groups; one pull brings them all
constexpr Millis kUnwatchBudget = std::chrono::seconds(3);
constexpr int kMostWaiting = 200;  // notifications of one watch
constexpr int kBatch = 50;
constexpr int kFirstBackoff = 6;  // 32 s at most, then twice as much each time up to an hour

Json payloadOf(const StreamState& stream) {
    return Json::object({{"connection", stream.key.connection.str()},
                         {"stream", stream.key.stream},
                         {"collection", stream.collection}});
}

std::optional<StreamState> streamOf(storage::Tx& tx, const Json& payload) {
    return findStream(tx, {ConnectionId(payload.str("connection")), payload.str("stream")}, payload.str("collection"));
}

Instant expiryOf(const Json& watch, Instant now) {
    if (!watch.isObject())
        throw Error(Code::Invalid, "plugin_output", "watch a stream: the plugin's answer is no object");
    const std::string text = watch.getStr("expires");
    const Instant at = text.empty() ? now + kUnsaidLife : parseInstant(text);
    if (at <= now) throw Error(Code::Invalid, "plugin_output", "watch a stream: the watch has expired already");
    return std::min(at, now + kLongestLife);
}

// The plugin looked at it and it is not the service's, or makes no sense; asking again would not change that.
bool isRefusal(const Error& error) {
    return error.code() == Code::Denied || error.code() == Code::Invalid || error.code() == Code::NotFound ||
           error.code() == Code::Unsupported;
}

void note(void (*level)(std::string_view, log::Fields), const char* event, const CallContext& ctx,
          const StreamState& stream, const Error& error) {
    level(event, {{"tenant", ctx.tenant.str()},
                  {"stream", stream.plugin + "/" + stream.key.stream},
                  {"reason", error.reason()},
                  {"why", error.forLog()}});
}

}  // namespace

Watches::Watches(storage::Database& database, jobs::Workers& workers, Watcher& watcher, const Clock& clock,
                 std::string base, PullSoon pull_soon)
    : database_(database),
      workers_(workers),
      watcher_(watcher),
      clock_(clock),
      base_(std::move(base)),
      pull_soon_(std::move(pull_soon)) {
    workers.handle("sync.watch", [this](const jobs::Run& run) { keep(run); });
    workers.handle("sync.receive", [this](const jobs::Run& run) { receive(run); });
}

void Watches::enqueueTend(storage::Tx& tx, const StreamState& stream, Instant at) {
    jobs::NewJob job;
    job.kind = "sync.watch";
    job.key = "watch:" + stream.key.connection.str() + "/" + stream.key.stream + "/" + stream.collection;
    job.payload = payloadOf(stream);
    job.run_at = at;
    job.once = true;
    workers_.enqueue(tx, job);
}

void Watches::tend(storage::Tx& tx, const StreamState& stream) {
    if (wanted(tx, stream) || !hooksOf(tx, stream.key, stream.collection).empty())
        enqueueTend(tx, stream, clock_.now());
}

void Watches::tendAll() {
    database_.writeSystem("watches of every tenant need renewing", [&](storage::SystemTx& tx) {
        for (const storage::Row& row : tx.query("SELECT DISTINCT tenant_id FROM sync_streams")) {
            storage::Tx own = tx.as(TenantId(row.text(0)));
            for (const StreamState& stream : streams(own)) tend(own, stream);
        }
    });
}

void Watches::keep(const jobs::Run& run) {
    const CallContext& ctx = run.context();
    struct Found {
        std::optional<StreamState> stream;
        bool wanted = false;
        std::vector<Hook> hooks;
    };
    const Found found = database_.read(ctx.tenant, [&](storage::Tx& tx) {
        Found now;
        now.stream = streamOf(tx, run.payload());
        if (!now.stream) return now;
        now.wanted = wanted(tx, *now.stream);
        now.hooks = hooksOf(tx, now.stream->key, now.stream->collection);
        return now;
    });
    if (!found.stream) return;
    if (!found.wanted) return endHooks(ctx, *found.stream, found.hooks);
    const auto good = std::find_if(found.hooks.begin(), found.hooks.end(), [&](const Hook& hook) {
        return hook.watch.isObject() && hook.renew_at > clock_.now();
    });
    if (good != found.hooks.end())
        return database_.write(ctx.tenant, [&](storage::Tx& tx) { enqueueTend(tx, *found.stream, good->renew_at); });
    try {
        renew(ctx, *found.stream, found.hooks);
    } catch (...) {
        const Error error = currentError();
        if (error.code() == Code::Cancelled) throw error;  // the server stops, or the connection ended
        note(log::warning, "sync.not_watched", ctx, *found.stream, error);
        writeStream(database_, ctx.tenant, *found.stream, [&](storage::Tx& tx) {
            const int failures = watchFailure(tx, found.stream->key, found.stream->collection).failures + 1;
            saveWatchFailure(tx, found.stream->key, found.stream->collection, {failures, error.what()});
            enqueueTend(tx, *found.stream, clock_.now() + jobs::backoff(failures + kFirstBackoff, error));
        });
    }
}

void Watches::renew(const CallContext& ctx, const StreamState& stream, const std::vector<Hook>& old) {
    const std::string secret = toBase64Url(randomBytes(kSecretBytes));
    Hook hook{addressOf(secret), stream.key, stream.collection, newId(), toBase64Url(randomBytes(kSecretBytes)), {}};
    // Known before the service is: its first notification may come before its answer.
    writeStream(database_, ctx.tenant, stream, [&](storage::Tx& tx) { saveHook(tx, hook); });
    const Json request = Json::object({{"stream", stream.key.stream},
                                       {"collection", stream.collection},
                                       {"url", base_ + secret},
                                       {"channel", hook.channel},
                                       {"token", hook.token}});
    try {
        hook.watch = watcher_.watch(ctx, stream, request);
        const Instant now = clock_.now();
        hook.expires_at = expiryOf(hook.watch, now);
        hook.renew_at = now + (hook.expires_at - now) * 3 / 4;
    } catch (...) {
        database_.write(ctx.tenant, [&](storage::Tx& tx) { removeHook(tx, hook.address); });
        throw;
    }
    const bool kept = database_.write(ctx.tenant, [&](storage::Tx& tx) {
        if (!findHook(tx, hook.address)) return false;
        saveHook(tx, hook);
        saveWatchFailure(tx, stream.key, stream.collection, {});
        enqueueTend(tx, stream, hook.renew_at);
        // What changed before the watch began, and after the last pull.
        pull_soon_(tx, stream, clock_.now() + kSettle);
        return true;
    });
    if (!kept) return unwatch(ctx, stream, hook);  // disconnected meanwhile
    endHooks(ctx, stream, old);
}

void Watches::unwatch(const CallContext& ctx, const StreamState& stream, const Hook& hook) {
    if (!hook.watch.isObject()) return;
    try {
        watcher_.unwatch(ctx, stream, hook.told());
    } catch (const Error& error) {
        // It expires by itself, and what it still posts finds no address.
        note(log::info, "sync.not_unwatched", ctx, stream, error);
    }
}

void Watches::endHooks(const CallContext& ctx, const StreamState& stream, const std::vector<Hook>& hooks) {
    if (hooks.empty()) return;
    database_.write(ctx.tenant, [&](storage::Tx& tx) {
        for (const Hook& hook : hooks) removeHook(tx, hook.address);
    });
    for (const Hook& hook : hooks) unwatch(ctx, stream, hook);
}

void Watches::end(const CallContext& ctx, const std::function<bool(const StreamState&)>& concerned) {
    std::vector<std::pair<StreamState, Hook>> ended;
    database_.write(ctx.tenant, [&](storage::Tx& tx) {
        for (const StreamState& stream : streams(tx)) {
            if (!concerned(stream)) continue;
            for (Hook& hook : hooksOf(tx, stream.key, stream.collection)) {
                removeHook(tx, hook.address);
                ended.emplace_back(stream, std::move(hook));
            }
        }
    });
    CallContext brief = ctx;
    brief.deadline = ctx.deadline.sooner(Deadline::in(kUnwatchBudget));
    for (const auto& [stream, hook] : ended) unwatch(brief, stream, hook);
}

bool Watches::take(std::string_view secret, const Json& head, std::string_view body) {
    const std::string address = addressOf(secret);
    const auto tenant = database_.readSystem("a notification says only its address",
                                             [&](storage::SystemTx& tx) { return tenantOf(tx, address); });
    if (!tenant) return false;
    return database_.write(*tenant, [&](storage::Tx& tx) {
        if (!findHook(tx, address)) return false;
        noteNotified(tx, address, clock_.now());
        if (!keepNotification(tx, address, head, body, kMostWaiting))
            throw Error(Code::Unavailable, "too_many_notifications",
                        "take a notification: too many wait already; send it again later", kSettle.count());
        jobs::NewJob job;
        job.kind = "sync.receive";
        job.key = "hook:" + address;
        job.payload = Json::object({{"address", address}});
        job.once = true;
        workers_.enqueue(tx, job);
        return true;
    });
}

// Once one notification names its own stream, those behind it have nothing to add.
void Watches::receive(const jobs::Run& run) {
    const CallContext& ctx = run.context();
    const std::string address = run.payload().str("address");
    std::optional<Hook> hook;
    std::optional<StreamState> stream;
    std::vector<Notification> waiting;
    database_.read(ctx.tenant, [&](storage::Tx& tx) {
        hook = findHook(tx, address);
        if (hook) stream = findStream(tx, hook->key, hook->collection);
        if (stream) waiting = notificationsOf(tx, address, kBatch);
    });
    if (waiting.empty()) return;
    std::vector<StreamState> named;
    bool own = false;
    for (auto each = waiting.begin(); each != waiting.end() && !own; ++each) {
        try {
            for (const Json& line : watcher_.receive(ctx, *stream, hook->told(), *each)) {
                const StreamKey key{hook->key.connection, line.getStr("stream")};
                const auto known = database_.read(
                    ctx.tenant, [&](storage::Tx& tx) { return findStream(tx, key, line.getStr("collection")); });
                if (known) named.push_back(*known);
                own = own || (key.stream == hook->key.stream && line.getStr("collection") == hook->collection);
            }
        } catch (const Error& error) {
            if (!isRefusal(error)) throw;
            note(log::info, "sync.notification_refused", ctx, *stream, error);
        }
    }
    database_.write(ctx.tenant, [&](storage::Tx& tx) {
        dropNotifications(tx, address, waiting.back().number);
        for (const StreamState& state : named) pull_soon_(tx, state, clock_.now() + kSettle);
        if (notificationsOf(tx, address, 1).empty()) return;
        workers_.enqueue(tx, {"sync.receive", "hook:" + address, run.payload(), std::nullopt, true});
    });
}

WatchStatus Watches::status(storage::Tx& tx, const StreamState& stream) {
    if (!wanted(tx, stream)) return {};
    const WatchFailure failure = watchFailure(tx, stream.key, stream.collection);
    if (failure.failures > 0) return {"failing", failure.problem};
    for (const Hook& hook : hooksOf(tx, stream.key, stream.collection))
        if (hook.watch.isObject() && hook.expires_at > clock_.now()) return {"on", ""};
    return {"starting", ""};
}

}  // namespace portico::sync
