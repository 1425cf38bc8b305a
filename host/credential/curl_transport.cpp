// SPDX-License-Identifier: Apache-2.0
// The only code of Portico that opens a connection to the outside. libcurl handles are pooled, so that a provider's
// HTTP/2 connection and TLS session are used again; each is used by one thread at a time.
#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <openssl/crypto.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <mutex>

#include "host/base/error.h"
#include "host/base/text.h"
#include "host/credential/address.h"
#include "host/credential/transport.h"

namespace portico::credential {
namespace {

constexpr long kConnectMs = 5'000;
constexpr std::size_t kMaxHead = 32 * 1024;
constexpr std::size_t kMaxIdleHandles = 32;

using Handle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;

// A header list whose copy of the credential is wiped before it is freed.
class HeaderList {
public:
    HeaderList() = default;
    HeaderList(const HeaderList&) = delete;
    HeaderList& operator=(const HeaderList&) = delete;
    ~HeaderList() {
        for (curl_slist* item = list_; item != nullptr; item = item->next)
            OPENSSL_cleanse(item->data, std::strlen(item->data));
        curl_slist_free_all(list_);
    }
    void add(const std::string& line) {
        curl_slist* grown = curl_slist_append(list_, line.c_str());
        if (grown == nullptr) throw std::bad_alloc();
        list_ = grown;
    }
    curl_slist* get() const { return list_; }

private:
    curl_slist* list_ = nullptr;
};

// One exchange: what the C callbacks work on. An exception cannot cross libcurl, so it is kept and thrown afterwards.
struct Exchange {
    CURL* const handle;
    const HttpRequest& request;
    const bool any_address;
    HttpResponse response;
    std::size_t sent = 0, head_bytes = 0, content_bytes = 0;
    bool head_told = false, refused_address = false;
    std::exception_ptr thrown;

    template <class F>
    bool guarded(F&& f) noexcept {
        try {
            f();
            return true;
        } catch (...) {
            thrown = std::current_exception();
            return false;
        }
    }
    void tellHead() {
        if (head_told) return;
        head_told = true;
        long status = 0;
        curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
        response.status = static_cast<int>(status);
        if (request.on_head) request.on_head(response.status, response.headers);
    }
};

std::size_t readBody(char* to, std::size_t size, std::size_t count, void* user) {
    auto& exchange = *static_cast<Exchange*>(user);
    std::size_t got = 0;
    const bool good = exchange.guarded([&] {
        if (exchange.request.read_body) {
            got = exchange.request.read_body(to, size * count);
        } else {
            const std::string_view rest = exchange.request.body.substr(exchange.sent);
            got = rest.copy(to, size * count);
        }
        exchange.sent += got;
    });
    return good ? got : static_cast<std::size_t>(CURL_READFUNC_ABORT);
}

// curl rewinds when a kept connection turned out to be dead before anything was sent.
int seekBody(void* user, curl_off_t offset, int origin) {
    auto& exchange = *static_cast<Exchange*>(user);
    if (exchange.request.read_body && exchange.sent != 0) return CURL_SEEKFUNC_CANTSEEK;
    if (origin != SEEK_SET || offset < 0) return CURL_SEEKFUNC_FAIL;
    exchange.sent = static_cast<std::size_t>(offset);
    return CURL_SEEKFUNC_OK;
}

std::size_t readHeader(char* data, std::size_t size, std::size_t count, void* user) {
    auto& exchange = *static_cast<Exchange*>(user);
    const std::string_view line(data, size * count);
    exchange.head_bytes += line.size();
    if (exchange.head_bytes > kMaxHead) return 0;
    if (line.starts_with("HTTP/")) exchange.response.headers.clear();  // an interim answer came before
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return line.size();
    std::string name = lowerAscii(std::string(line.substr(0, colon)));
    std::string_view value = line.substr(colon + 1);
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
    while (!value.empty() && std::isspace(static_cast<unsigned char>(value.back())) != 0) value.remove_suffix(1);
    exchange.response.headers.emplace_back(std::move(name), value);
    return line.size();
}

std::size_t readContent(char* data, std::size_t size, std::size_t count, void* user) {
    auto& exchange = *static_cast<Exchange*>(user);
    const std::string_view piece(data, size * count);
    exchange.content_bytes += piece.size();
    const bool good = exchange.guarded([&] {
        if (exchange.content_bytes > exchange.request.max_content)
            throw Error(
                Code::Limit, "http_too_large",
                "the provider's answer is larger than " + std::to_string(exchange.request.max_content) + " bytes");
        exchange.tellHead();
        if (exchange.request.on_content)
            exchange.request.on_content(piece);
        else
            exchange.response.content += piece;
    });
    return good ? piece.size() : 0;
}

// Looks at the very address that is about to be connected to, so that no second look-up can give another one.
curl_socket_t openSocket(void* user, curlsocktype, struct curl_sockaddr* address) {
    auto& exchange = *static_cast<Exchange*>(user);
    if (!exchange.any_address && !isPublicAddress(&address->addr)) {
        exchange.refused_address = true;
        return CURL_SOCKET_BAD;
    }
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// libcurl asks at least once a second, and whenever something moves.
int progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    auto& exchange = *static_cast<Exchange*>(user);
    bool gone = false;
    const bool good = exchange.guarded([&] { gone = exchange.request.given_up(); });
    return good && !gone ? 0 : 1;
}

// What was received lies no longer in OpenSSL's buffers than it takes to hand it on, and no buffer is kept between
// requests: answers hold tokens.
CURLcode keepNothing(CURL*, void* context, void*) {
    auto* const tls = static_cast<SSL_CTX*>(context);
    SSL_CTX_set_options(tls, SSL_OP_CLEANSE_PLAINTEXT);
    SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS);
    return CURLE_OK;
}

template <class T>
void set(CURL* handle, CURLoption option, T value) {
    if (curl_easy_setopt(handle, option, value) != CURLE_OK)
        throw Error(Code::Internal, "libcurl", "libcurl refuses option " + std::to_string(option));
}

class CurlTransport final : public Transport {
public:
    explicit CurlTransport(CurlOptions options) : options_(std::move(options)) {
        static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
        if (started != CURLE_OK) throw Error(Code::Internal, "libcurl", "libcurl cannot start");
        if (options_.connect_to.empty()) return;
        connect_to_.reset(curl_slist_append(nullptr, ("::" + options_.connect_to).c_str()));
        if (!connect_to_) throw std::bad_alloc();
    }

    HttpResponse send(const HttpRequest& request) override {
        request.deadline.check("send a request to the provider");
        Handle handle = request.secret ? fresh() : take();
        const bool redirected = !options_.connect_to.empty() && !request.own_server;
        Exchange exchange{handle.get(), request, redirected || request.private_allowed, {}, 0, 0, 0, false,
                          false,        nullptr};
        HeaderList headers;
        prepare(handle.get(), exchange, headers);
        const CURLcode result = curl_easy_perform(handle.get());
        if (result == CURLE_OK) exchange.guarded([&] { exchange.tellHead(); });
        long sent_bytes = 0;
        curl_easy_getinfo(handle.get(), CURLINFO_REQUEST_SIZE, &sent_bytes);
        char reason[CURL_ERROR_SIZE];
        std::snprintf(reason, sizeof reason, "%s", curl_easy_strerror(result));
        if (result == CURLE_OK && !exchange.thrown && !request.secret) give(std::move(handle));
        if (exchange.thrown) std::rethrow_exception(exchange.thrown);
        if (result != CURLE_OK) fail(result, exchange, sent_bytes > 0, reason);
        return std::move(exchange.response);
    }

private:
    void prepare(CURL* handle, Exchange& exchange, HeaderList& headers) {
        const HttpRequest& request = exchange.request;
        curl_easy_reset(handle);  // keeps live connections and the TLS session cache
        set(handle, CURLOPT_URL, request.url.c_str());
        set(handle, CURLOPT_PROTOCOLS_STR, "https");
        set(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
        set(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
        set(handle, CURLOPT_SSL_VERIFYPEER, 1L);
        set(handle, CURLOPT_SSL_VERIFYHOST, 2L);
        set(handle, CURLOPT_FOLLOWLOCATION, 0L);
        set(handle, CURLOPT_PROXY, "");  // the environment's proxies do not see providers' traffic
        set(handle, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
        set(handle, CURLOPT_NOSIGNAL, 1L);
        set(handle, CURLOPT_ACCEPT_ENCODING, "gzip");
        set(handle, CURLOPT_USERAGENT, "portico/1 (gzip)");
        set(handle, CURLOPT_CONNECTTIMEOUT_MS, kConnectMs);
        set(handle, CURLOPT_TIMEOUT_MS, std::max<long>(1, static_cast<long>(request.deadline.left().count())));
        if (request.given_up) {
            set(handle, CURLOPT_NOPROGRESS, 0L);
            set(handle, CURLOPT_XFERINFOFUNCTION, &progress);
            set(handle, CURLOPT_XFERINFODATA, &exchange);
        }
        if (request.own_server) {
            // libcurl's folder of the system's roots stays in force beside the file.
            if (!options_.extra_ca_file.empty()) set(handle, CURLOPT_CAINFO, options_.extra_ca_file.c_str());
        } else if (!options_.ca_file.empty()) {
            set(handle, CURLOPT_CAINFO, options_.ca_file.c_str());
            set(handle, CURLOPT_CAPATH, static_cast<const char*>(nullptr));
        }
        set(handle, CURLOPT_SSL_CTX_FUNCTION, &keepNothing);
        if (connect_to_ && !request.own_server) set(handle, CURLOPT_CONNECT_TO, connect_to_.get());
        set(handle, CURLOPT_OPENSOCKETFUNCTION, &openSocket);
        set(handle, CURLOPT_OPENSOCKETDATA, &exchange);
        set(handle, CURLOPT_HEADERFUNCTION, &readHeader);
        set(handle, CURLOPT_HEADERDATA, &exchange);
        set(handle, CURLOPT_WRITEFUNCTION, &readContent);
        set(handle, CURLOPT_WRITEDATA, &exchange);
        prepareBody(handle, exchange);
        prepareHeaders(handle, request, headers);
    }

    static void prepareBody(CURL* handle, Exchange& exchange) {
        const HttpRequest& request = exchange.request;
        if (request.method == "HEAD") set(handle, CURLOPT_NOBODY, 1L);
        if (request.has_body) {
            set(handle, CURLOPT_UPLOAD, 1L);
            set(handle, CURLOPT_INFILESIZE_LARGE,
                static_cast<curl_off_t>(request.read_body ? request.body_length
                                                          : static_cast<std::int64_t>(request.body.size())));
            set(handle, CURLOPT_READFUNCTION, &readBody);
            set(handle, CURLOPT_READDATA, &exchange);
            set(handle, CURLOPT_SEEKFUNCTION, &seekBody);
            set(handle, CURLOPT_SEEKDATA, &exchange);
        }
        if (request.method != "HEAD") set(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    }

    static void prepareHeaders(CURL* handle, const HttpRequest& request, HeaderList& headers) {
        for (const auto& [name, value] : request.headers) headers.add(value.empty() ? name + ";" : name + ": " + value);
        headers.add("Expect:");  // no waiting for a 100-continue
        const bool empty_post = !request.has_body && request.method != "GET" && request.method != "HEAD";
        if (empty_post) headers.add("Content-Length: 0");
        const SecretBytes* credential = request.basic != nullptr ? request.basic : request.bearer;
        if (credential != nullptr) {
            std::string line = "Authorization: ";
            line += request.basic != nullptr ? "Basic " : "Bearer ";
            line.reserve(line.size() + credential->size());  // no second copy is left behind by growing
            line += credential->reveal();
            headers.add(line);
            wipe(line);
        }
        set(handle, CURLOPT_HTTPHEADER, headers.get());
    }

    [[noreturn]] static void fail(CURLcode result, const Exchange& exchange, bool sent, const char* reason) {
        const std::string what =
            exchange.request.method + " " + exchange.request.url.substr(0, exchange.request.url.find('?'));
        if (exchange.refused_address)
            throw Error(
                Code::Denied, "http_address",
                what +
                    ": the host's address is not public; such a server must be listed under egress.allowed_servers "
                    "in portico.properties");
        switch (result) {
            case CURLE_PEER_FAILED_VERIFICATION:
            case CURLE_SSL_CONNECT_ERROR:
            case CURLE_SSL_CACERT_BADFILE:
            case CURLE_SSL_CERTPROBLEM:
            case CURLE_SSL_CIPHER:
            case CURLE_SSL_ISSUER_ERROR:
            case CURLE_USE_SSL_FAILED:
                throw Error(Code::Denied, "http_tls", what + ": no secure connection: " + reason);
            case CURLE_WRITE_ERROR:
                throw Error(Code::Limit, "http_too_large", what + ": the answer's headers are larger than 32 KiB");
            case CURLE_ABORTED_BY_CALLBACK: throw Error(Code::Cancelled, "given_up", what + ": the caller gave up");
            case CURLE_OPERATION_TIMEDOUT:
                throw Error(sent ? Code::Deadline : Code::Unavailable, sent ? "http_unknown" : "http_not_sent",
                            what + ": the provider did not answer in time");
            default: throw Error(Code::Unavailable, sent ? "http_unknown" : "http_not_sent", what + ": " + reason);
        }
    }

    static Handle fresh() {
        Handle handle(curl_easy_init(), curl_easy_cleanup);
        if (!handle) throw std::bad_alloc();
        return handle;
    }
    Handle take() {
        {
            const std::lock_guard lock(mutex_);
            if (!idle_.empty()) {
                Handle handle = std::move(idle_.back());
                idle_.pop_back();
                return handle;
            }
        }
        return fresh();
    }
    void give(Handle handle) {
        // The handle outlives the request: nothing of it may stay referenced.
        curl_easy_reset(handle.get());
        const std::lock_guard lock(mutex_);
        if (idle_.size() < kMaxIdleHandles) idle_.push_back(std::move(handle));
    }

    const CurlOptions options_;
    std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> connect_to_{nullptr, curl_slist_free_all};
    std::mutex mutex_;  // guards idle_
    std::vector<Handle> idle_;
};

}  // namespace

std::string headerOf(const HttpHeaders& headers, std::string_view name) {
    for (const auto& [have, value] : headers)
        if (have == name) return value;
    return "";
}

std::unique_ptr<Transport> makeCurlTransport(CurlOptions options) {
    return std::make_unique<CurlTransport>(std::move(options));
}

}  // namespace portico::credential
