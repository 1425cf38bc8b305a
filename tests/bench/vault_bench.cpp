// SPDX-License-Identifier: Apache-2.0
// What the vault adds to a request, as one JSON object.
//   bench_vault                    CPU of lease, policy check, attaching and recording, the provider's part taken away
//   bench_vault HOST:PORT CA_FILE  also 1,000 small calls to that HTTP/2 server against bare libcurl, 20 at a time
#include <curl/curl.h>
#include <time.h>

#include <cstdio>
#include <thread>

#include "tests/unit/credential/vault_fixture.h"

using namespace portico;
using namespace portico::credential;

namespace {

constexpr int kThreads = 20, kCalls = 1'000, kCheap = 5'000;

double cpuSeconds(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

template <class F>
double wallSeconds(F&& f) {
    const std::int64_t start = monotonicNs();
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i)
        threads.emplace_back([&] {
            for (int call = 0; call < kCalls / kThreads; ++call) f(call == 0);
        });
    for (auto& thread : threads) thread.join();
    return static_cast<double>(monotonicNs() - start) / 1e9;
}

// The API over the network, the rest of the provider in this process.
class Split final : public Transport {
public:
    Split(Transport& provider, Transport& api) : provider_(provider), api_(api) {}
    HttpResponse send(const HttpRequest& request) override {
        return request.url.starts_with("https://people.googleapis.com/") ? api_.send(request) : provider_.send(request);
    }

private:
    Transport &provider_, &api_;
};

std::size_t drop(char*, std::size_t size, std::size_t count, void*) { return size * count; }

void bare(const std::string& connect_to, const std::string& ca_file) {
    thread_local const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle(curl_easy_init(), curl_easy_cleanup);
    CURL* curl = handle.get();
    curl_slist* to = curl_slist_append(nullptr, ("::" + connect_to).c_str());
    curl_slist* headers = curl_slist_append(nullptr, "Authorization: Bearer ya29.bench");
    curl_easy_setopt(curl, CURLOPT_URL, "https://people.googleapis.com/v1/people/c12");
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
    curl_easy_setopt(curl, CURLOPT_CONNECT_TO, to);
    curl_easy_setopt(curl, CURLOPT_CAINFO, ca_file.c_str());
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &drop);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    const CURLcode result = curl_easy_perform(curl);
    curl_slist_free_all(to);
    curl_slist_free_all(headers);
    if (result != CURLE_OK) throw Error(Code::Unavailable, "bare", curl_easy_strerror(result));
}

class Bench final : public VaultFixture {
public:
    explicit Bench(const char* place) {
        place_ = place;
        setUp();
    }
    ~Bench() override { tearDown(); }

    void cpu(Json& out) {
        open(*google_);
        const ConnectionId id = connect("google-contacts").connection;
        FetchRequest request = fetchRequest(id);
        request.deadline = Deadline::in(std::chrono::minutes(5));
        const auto measure = [&](clockid_t clock) {
            const double start = cpuSeconds(clock);
            for (int i = 0; i < kCheap; ++i) {
                if (i % 1'000 == 0) request.lease = fetchRequest(id).lease;
                vault_->fetch(request, "", nullptr, nullptr);
            }
            return (cpuSeconds(clock) - start) / kCheap * 1e6;
        };
        out.set("vault_cpu_us_without_commit", measure(CLOCK_THREAD_CPUTIME_ID));
        out.set("vault_cpu_us_all_threads", measure(CLOCK_PROCESS_CPUTIME_ID));
    }
    void network(Json& out, const std::string& connect_to, const std::string& ca_file) {
        const auto api = makeCurlTransport({connect_to, ca_file});
        Split split(*google_, *api);
        open(split);
        const ConnectionId id = connect("google-contacts").connection;
        const auto through = [&](bool) {
            FetchRequest request = fetchRequest(id);
            vault_->fetch(request, "", nullptr, nullptr);
            vault_->endLease(request.lease);
        };
        const auto direct = [&](bool) { bare(connect_to, ca_file); };
        // In turns, so that both see the same machine; the first round warms up.
        double vault_s = 0, bare_s = 0;
        for (int round = 0; round < 4; ++round) {
            const double b = wallSeconds(direct), v = wallSeconds(through);
            if (round > 0) bare_s += b, vault_s += v;
        }
        out.set("thousand_calls_bare_s", bare_s / 3);
        out.set("thousand_calls_vault_s", vault_s / 3);
        out.set("thousand_calls_ratio", vault_s / bare_s);
    }

private:
    void open(Transport& transport) {
        vault_.reset();
        VaultConfig wide = config();
        wide.calls_per_plugin_user = wide.calls_per_host = kThreads;
        vault_ = std::make_unique<LocalVault>(LocalVault::Folders{root_ / "data", root_ / "plugins", root_ / "keys"},
                                              std::move(wide), transport, clock_);
    }
};

}  // namespace

int main(int argc, char** argv) {
    try {
        curl_global_init(CURL_GLOBAL_DEFAULT);
        Json out = Json::object();
        Bench("/dev/shm").cpu(out);  // a disk costs time, not CPU
        if (argc == 3) Bench("/tmp").network(out, argv[1], argv[2]);
        std::printf("%s\n", out.dump().c_str());
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench_vault: %s\n", error.what());
        return 1;
    }
}
