// SPDX-License-Identifier: Apache-2.0
#include "host/credential/fetcher.h"

#include <algorithm>

#include "host/base/error.h"
#include "host/base/log.h"
#include "host/credential/providers/google_console.h"
#include "host/manifest/url.h"

namespace portico::credential {
namespace {

using namespace std::chrono_literals;
constexpr auto kCallBudget = 30s;
constexpr auto kBlobBudget = 10min;
constexpr std::size_t kMaxInlineBody = 1u << 20;
constexpr std::size_t kMaxInlineContent = 16u << 20;
constexpr std::size_t kMaxBlobContent = std::size_t{5'000'000'000};

void appendQuery(std::string& url, const Json& query) {
    char separator = url.find('?') == std::string::npos ? '?' : '&';
    const auto append = [&](const std::string& name, const Json& value) {
        if (!value.isString() && !value.isBool() && !value.isNumber())
            throw Error(Code::Invalid, "http_request",
                        "query parameter '" + name + "' must be text, a number, a boolean or a list of those");
        url += separator + manifest::percentEncode(name) + "=";
        url += manifest::percentEncode(value.isString() ? value.str() : value.dump());
        separator = '&';
    };
    for (const auto& [name, value] : query.members()) {
        if (!value.isArray())
            append(name, value);
        else
            for (const Json& item : value.items()) append(name, item);
    }
}

[[noreturn]] void notConnected() {
    throw Error(Code::NotFound, "no_connection", "there is no such connection of this plugin and user");
}

// A file on its way out, a piece at a time.
class Upload {
public:
    Upload(BlobSource& source, std::string blob, std::int64_t offset, std::int64_t length)
        : source_(source), blob_(std::move(blob)), offset_(offset), length_(length) {}

    std::size_t read(char* to, std::size_t max) {
        if (sent_ == length_) return 0;
        if (taken_ == piece_.size()) {
            const auto wanted = static_cast<std::size_t>(std::min<std::int64_t>(length_ - sent_, kBlobPiece));
            piece_ = source_.read(blob_, offset_ + sent_, wanted);
            taken_ = 0;
            if (piece_.empty() || piece_.size() > wanted)
                throw Error(
                    Code::Internal, "blob",
                    "file " + blob_ + " gave " + std::to_string(piece_.size()) + " bytes of " + std::to_string(wanted));
        }
        const std::size_t count = piece_.copy(to, max, taken_);
        taken_ += count;
        sent_ += static_cast<std::int64_t>(count);
        return count;
    }
    std::int64_t sent() const { return sent_; }

private:
    BlobSource& source_;
    const std::string blob_;
    const std::int64_t offset_, length_;
    std::int64_t sent_ = 0;
    std::string piece_;  // what the source gave and the provider has not yet taken
    std::size_t taken_ = 0;
};

// What comes back: into a file, or as text to the plugin. An error's text goes to the plugin, never into the file.
class Answer {
public:
    Answer(BlobSink* sink, std::string blob) : sink_(sink), blob_(std::move(blob)) {}

    bool toBlob() const { return !blob_.empty(); }
    void begin(int status) { good_ = status >= 200 && status < 300; }
    void take(std::string_view bytes) {
        if (!toBlob() || !good_) {
            if (content.size() + bytes.size() > kMaxInlineContent)
                throw Error(Code::Limit, "http_too_large", "the provider's error text is larger than 16 MiB");
            content += bytes;
            return;
        }
        for (; !bytes.empty(); bytes.remove_prefix(std::min(bytes.size(), kBlobPiece))) {
            const std::string_view part = bytes.substr(0, kBlobPiece);
            sink_->write(blob_, stored_, part);
            stored_ += static_cast<std::int64_t>(part.size());
        }
    }
    std::int64_t stored() const { return stored_; }

    std::string content;

private:
    BlobSink* const sink_;
    const std::string blob_;
    bool good_ = false;
    std::int64_t stored_ = 0;
};

}  // namespace

// One fetch on its way through the checks.
struct Fetcher::Call {
    const FetchRequest& request;
    const LeasePtr lease;
    const LeaseRequest& holder;
    const GivenUp given_up;  // the caller's, and the lease's end
    const std::string_view body;
    BlobSource* const source;
    BlobSink* const sink;
    Asked asked;
    std::shared_ptr<const manifest::Manifest> manifest;
    std::optional<ConnectionRow> connection;  // none for connections of kind none
    manifest::Allowed allowed{};
    Deadline deadline = Deadline::never();
    Use use;
    std::unique_ptr<storage::PendingWrite> recorded;  // from the moment the request may have left
};

Fetcher::Asked Fetcher::read(const Json& json) {
    Asked asked;
    for (const auto& [name, value] : json.members()) {
        if (name == "method")
            asked.method = value.str();
        else if (name == "url")
            asked.url = value.str();
        else if (name == "headers") {
            for (const auto& [header, text] : value.members()) asked.headers.emplace_back(header, text.str());
        } else if (name == "body_blob") {
            asked.body_blob = BodyBlob{value.str("id"), value.getInt("offset"), value.integer("length")};
            if (asked.body_blob->offset < 0 || asked.body_blob->length < 0)
                throw Error(Code::Invalid, "http_request", "body_blob's offset and length must not be negative");
        } else if (name == "content_blob")
            asked.content_blob = value.str();
        else if (name != "query")
            throw Error(Code::Invalid, "http_request", "the request has an unknown member '" + name + "'");
    }
    if (const Json* query = json.find("query")) appendQuery(asked.url, *query);
    return asked;
}

FetchResult Fetcher::fetch(const FetchRequest& request, std::string_view body, BlobSource* source, BlobSink* sink) {
    const LeasePtr lease = p_.leases.find(request.lease);
    const LeaseRequest& holder = lease->of;
    const GivenUp given_up = [&] { return lease->over() || (request.given_up && request.given_up()); };
    Call call{request, lease, holder, given_up, body, source, sink, {}, {}, {}, {}, request.deadline, {}, {}};
    call.use.id = newId();
    call.use.at = p_.clock.now();
    call.use.trace = holder.trace;
    call.use.plugin = holder.plugin;
    call.use.user = holder.user;
    call.use.connection = holder.connection;
    const std::int64_t start = monotonicNs();
    const auto elapsed = [&] { return (monotonicNs() - start) / 1'000'000; };
    FetchResult result;
    try {
        check(call);
        result = send(call);
    } catch (const Error& error) {
        call.use.ms = elapsed();
        call.use.refusal = error.reason();
        finishRecord(call);
        if (error.reason() == "token_echo")
            log::error("token_echo",
                       {{"plugin", holder.plugin.str()}, {"host", call.use.host}, {"path", call.use.path}});
        throw;
    }
    call.use.ms = elapsed();
    finishRecord(call);
    lease->check();  // an answer for a call that is over is nobody's
    return result;
}

// The manifest's name of the connection, and its row unless it is of kind none.
std::string Fetcher::nameOf(const LeaseRequest& holder, const manifest::Manifest& manifest,
                            std::optional<ConnectionRow>& connection) {
    if (holder.connection.empty()) {
        const auto open = std::find_if(manifest.connections.begin(), manifest.connections.end(),
                                       [](const auto& c) { return c.kind == manifest::ConnectionKind::None; });
        if (open == manifest.connections.end()) notConnected();
        return open->name;
    }
    connection =
        p_.database.read(holder.tenant, [&](storage::Tx& tx) { return findConnection(tx, holder.connection); });
    if (!connection || connection->plugin != holder.plugin || connection->user != holder.user) notConnected();
    return connection->name;
}

std::string Fetcher::lease(const LeaseRequest& request) {
    try {
        std::optional<ConnectionRow> connection;
        nameOf(request, *p_.manifests.find(request.plugin), connection);
        return p_.leases.open(request);
    } catch (const Error& error) {
        log::warning("lease_refused",
                     {{"plugin", request.plugin.str()}, {"trace", request.trace}, {"reason", error.reason()}});
        throw;
    }
}

// The first of the rule's scopes that the account's owner granted.
std::string Fetcher::grantedScope(const manifest::Rule& rule, const ConnectionRow& connection) const {
    for (const std::string& scope : rule.scopes) {
        const auto& granted = connection.granted;
        if (std::find(granted.begin(), granted.end(), p_.provider.canonicalScope(scope)) != granted.end()) return scope;
    }
    throw Error(Code::Denied, "scope_not_granted",
                "the account's owner did not grant " + rule.scopes.front() + ": ask for it by connecting again");
}

void Fetcher::check(Call& call) {
    const LeaseRequest& holder = call.holder;
    call.asked = read(call.request.request);
    call.use.method = call.asked.method.substr(0, 16);
    call.manifest = p_.manifests.find(holder.plugin);
    const std::string name = nameOf(holder, *call.manifest, call.connection);
    call.allowed = manifest::match(*call.manifest, name, call.asked.method, call.asked.url, call.asked.headers,
                                   call.connection ? call.connection->server : "");
    // Whatever an update made of the manifest, a password goes where its owner sent it.
    if (call.connection && !call.connection->server.empty() && call.allowed.host != call.connection->server)
        throw Error(Code::Denied, "server_changed", "this connection's password is for another server: connect again");
    const manifest::Rule& rule = *call.allowed.rule;
    call.use.host = call.allowed.host;
    call.use.path = rule.path.text();
    if (!rule.scopes.empty()) call.use.scope = rule.scopes.front();
    if (call.connection && call.connection->server.empty()) call.use.scope = grantedScope(rule, *call.connection);
    if (!call.body.empty() && call.asked.body_blob)
        throw Error(Code::Invalid, "http_request", "a request has a body or a body_blob, not both");
    const std::int64_t size =
        call.asked.body_blob ? call.asked.body_blob->length : static_cast<std::int64_t>(call.body.size());
    if (size > rule.max_body || call.body.size() > kMaxInlineBody)
        throw Error(Code::Denied, "body_too_large",
                    "plugin " + holder.plugin.str() + " may send at most " + std::to_string(rule.max_body) +
                        " bytes to " + call.use.host + call.use.path +
                        ", and at most 1 MiB otherwise than by body_blob");
    if ((call.asked.body_blob && call.source == nullptr) || (!call.asked.content_blob.empty() && call.sink == nullptr))
        throw Error(Code::Invalid, "http_request", "this call cannot carry files by reference");
    const bool files = call.asked.body_blob || !call.asked.content_blob.empty();
    call.deadline = call.request.deadline.sooner(holder.deadline)
                        .sooner(Deadline::in(files ? Millis(kBlobBudget) : Millis(kCallBudget)));
}

FetchResult Fetcher::send(Call& call) {
    const auto user =
        per_user_.enter(call.holder.plugin.str() + " of " + call.holder.user.str(), call.deadline, call.given_up);
    const auto host = per_host_.enter(call.allowed.host, call.deadline, call.given_up);
    // Waiting its turn takes time, in which the plugin may have been updated.
    if (p_.manifests.peek(call.holder.plugin) != call.manifest) check(call);
    if (!call.connection) return attempt(call, nullptr, nullptr);
    if (!call.connection->server.empty()) return sendWithPassword(call);
    AccessTokenPtr token = p_.broker.token(*call.connection, nullptr, call.deadline);
    FetchResult result = attempt(call, &token->secret, nullptr);
    if (result.head.integer("status") != 401) return result;
    // A token may die early. One forced refresh, one more try.
    token = p_.broker.token(*call.connection, token, call.deadline);
    result = attempt(call, &token->secret, nullptr);
    if (result.head.integer("status") == 401)
        p_.broker.markNeedsReconnect(*call.connection,
                                     p_.provider.title + " refuses the permission; connect the account again");
    return result;
}

// No second try with a refused password: servers lock accounts after a few.
FetchResult Fetcher::sendWithPassword(Call& call) {
    p_.passwords.checkServer(call.connection->server);  // the operator may have taken it off the list since
    const SecretBytes credential = p_.passwords.credentialOf(*call.connection);
    FetchResult result = attempt(call, nullptr, &credential);
    if (result.head.integer("status") == 401) p_.passwords.refused(*call.connection);
    return result;
}

FetchResult Fetcher::attempt(Call& call, const SecretBytes* bearer, const SecretBytes* basic) {
    HttpRequest out;
    out.method = call.asked.method;
    out.url = call.allowed.url;
    out.headers = call.asked.headers;
    out.bearer = bearer;
    out.basic = basic;
    out.own_server = basic != nullptr;
    out.private_allowed = basic != nullptr && p_.config.allows(call.connection->server);
    out.deadline = call.deadline;
    out.given_up = call.given_up;
    out.has_body = call.asked.body_blob || !call.body.empty();
    out.body = call.body;
    std::optional<Upload> upload;
    if (call.asked.body_blob) {
        upload.emplace(*call.source, call.asked.body_blob->id, call.asked.body_blob->offset,
                       call.asked.body_blob->length);
        out.body_length = call.asked.body_blob->length;
        out.read_body = [&](char* to, std::size_t max) { return upload->read(to, max); };
    }
    Answer answer(call.sink, call.asked.content_blob);
    EchoGuard guard(bearer != nullptr ? bearer : basic, [&](std::string_view bytes) { answer.take(bytes); });
    std::int64_t received = 0;
    out.max_content = answer.toBlob() ? kMaxBlobContent : kMaxInlineContent;
    out.on_head = [&](int status, const HttpHeaders& headers) {
        answer.begin(status);
        guard.checkHeaders(headers);
    };
    out.on_content = [&](std::string_view bytes) {
        received += static_cast<std::int64_t>(bytes.size());
        guard.push(bytes);
    };
    const HttpResponse response = exchange(call, out);
    guard.finish();
    observe(call, response.status, answer.content);
    call.use.status = response.status;
    call.use.bytes_out += upload ? upload->sent() : static_cast<std::int64_t>(call.body.size());
    call.use.bytes_in += received;
    Json headers = Json::object();
    for (const auto& [name, value] : visibleHeaders(response.headers)) headers.set(name, value);
    FetchResult result{Json::object({{"status", response.status}, {"headers", std::move(headers)}}),
                       std::move(answer.content)};
    if (answer.toBlob()) result.head.set("content_bytes", answer.stored());
    return result;
}

// Whether the API is enabled in the project; nothing else tells.
void Fetcher::observe(const Call& call, int status, std::string_view error_text) {
    if (!call.connection || !call.connection->server.empty()) return;
    const bool works = status >= 200 && status < 300;
    if (works || (status == 403 && saysApiDisabled(error_text)))
        p_.observations.apiSeen(call.holder.plugin, googleApiOf(call.use.host, call.use.path).service, works);
}

// As fast as the provider wants it for this account.
HttpResponse Fetcher::exchange(Call& call, const HttpRequest& request) {
    const std::string account = call.connection ? call.connection->account_id : "";
    const std::string key = call.allowed.host + " " + account;
    if (const Millis wait = accounts_.rest(key, p_.clock.now()); wait.count() > 0)
        throw Error(Code::Limit, "provider_busy",
                    call.allowed.host + " asked not to be asked for a while: go on in " +
                        std::to_string((wait.count() + 999) / 1000) + " s",
                    wait.count());
    quotas_.enter(call.allowed.host + call.use.path, account, p_.clock, call.deadline, call.given_up);
    startRecord(call);
    HttpResponse response = p_.transport.send(request);
    if (response.status == 429)
        accounts_.failed(key, p_.clock.now(), retryAfter(response.headers, p_.clock.now()));
    else
        accounts_.worked(key);
    return response;
}

// The commit happens while the provider works, so it costs the caller nothing.
void Fetcher::startRecord(Call& call) {
    if (call.recorded) return;  // a second try of the same request
    Use use = call.use;
    use.refusal = kUnanswered;
    call.recorded = p_.database.startWrite(call.holder.tenant, [use](storage::Tx& tx) {
        insertUse(tx, use);
        markUsed(tx, use);
    });
}

// That the account was used is durable when this returns; what came of it follows in a moment.
void Fetcher::finishRecord(Call& call) {
    try {
        if (!call.recorded)
            return p_.database.write(call.holder.tenant, [&](storage::Tx& tx) { insertUse(tx, call.use); });
        call.recorded->wait();
        p_.database.writeLater(call.holder.tenant, [use = call.use](storage::Tx& tx) { finishUse(tx, use); });
    } catch (const std::exception& error) {
        log::error("use_not_recorded", {{"why", error.what()}});
        throw Error(
            Code::Unavailable, "use_not_recorded",
            "the use of the account could not be recorded, so its answer is withheld: the vault's disk may be full",
            5000);
    }
}

}  // namespace portico::credential
