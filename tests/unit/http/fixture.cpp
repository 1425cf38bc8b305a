// SPDX-License-Identifier: Apache-2.0
#include "fixture.h"

#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <stdexcept>
#include <thread>

#include "host/base/clock.h"
#include "host/base/error.h"

namespace portico::http::test {

TemporaryFolder::TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "portico-http-XXXXXX").string();
    if (!::mkdtemp(pattern.data())) throw std::runtime_error("mkdtemp");
    path_ = pattern;
}
TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

TlsFiles makeCertificate(const std::filesystem::path& folder) {
    std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    std::unique_ptr<X509, void (*)(X509*)> certificate(X509_new(), X509_free);
    X509_set_version(certificate.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key.get());
    X509_NAME* name = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"), -1, -1,
                               0);
    X509_set_issuer_name(certificate.get(), name);
    X509_sign(certificate.get(), key.get(), EVP_sha256());
    const TlsFiles files{folder / "cert.pem", folder / "key.pem"};
    std::unique_ptr<FILE, int (*)(FILE*)> out(std::fopen(files.certificate.c_str(), "w"), std::fclose);
    PEM_write_X509(out.get(), certificate.get());
    out.reset(std::fopen(files.key.c_str(), "w"));
    PEM_write_PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    return files;
}

bool becomes(const std::function<bool()>& state) {
    const std::int64_t deadline = monotonicNs() + 10'000'000'000LL;
    while (!state()) {
        if (monotonicNs() > deadline) return false;
        ::poll(nullptr, 0, 1);
    }
    return true;
}

Site::Site(Limits limits, bool with_tls, unsigned workers) : spool(folder.path() / "spool", 64u << 20), tls(with_tls) {
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);

    router.add("GET", "/hello", [](Request&) { return Response::text("hello"); });
    router.add("GET", "/big", [](Request&) { return Response::text(std::string(4'000'000, 'b')); });
    router.add("GET", "/file", [this](Request&) {
        const auto path = folder.path() / "file";
        writeFileDurably(path, std::string(4'000'000, 'f'));
        return Response::download({Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)), 1, 3'999'998}, "application/pdf",
                                  "Zoë.pdf");
    });
    router.add("GET", "/pieces", [](Request&) {
        Response response = Response::text("");
        response.pieces = [left = 100](std::string& out) mutable {
            out.assign(50'000, 'p');
            return --left > 0;
        };
        return response;
    });
    router.add("POST", "/echo", [](Request& request) { return Response::text(request.body); });
    router.add("POST", "/upload",
               [this](Request& request) {
                   if (on_upload) on_upload(request);
                   return Response::text(std::to_string(request.upload->size()));
               },
               {.body_limit = 32u << 20, .spool = true});
    router.add("GET", "/wait", [this](Request&) {
        entered.release();
        gate.acquire();
        return Response::text("waited");
    });
    router.add("GET", "/left", [this](Request& request) {
        entered.release();
        while (!request.client_left()) std::this_thread::yield();
        gate.release();
        return Response::text("to nobody");
    });
    router.add("GET", "/events",
               [this](Request&) { return Response::eventStream(events.subscribe(TenantId("t1"), "session-1")); });
    router.add("GET", "/fail", [](Request&) -> Response { throw std::runtime_error("secret inside"); });

    Server::Options options{
        .listener = listenOn("127.0.0.1", 0), .tls = {}, .spool = &spool, .limits = limits, .workers = workers};
    if (tls) options.tls = makeCertificate(folder.path());
    server = std::make_unique<Server>(std::move(options), router);
}

Client Site::client(int tls_version) const {
    Client client(server->port(), tls ? Client::Kind::Tls : Client::Kind::Plain, tls_version);
    if (tls && !client.handshake()) throw std::runtime_error("handshake refused");
    return client;
}

}  // namespace portico::http::test
