// SPDX-License-Identifier: Apache-2.0
// portico.http/1: hands the request to the vault, which checks the manifest's rules and attaches the credential. File
// bytes named by reference go from the blob exchange to the vault and back, never through the runner.
#include "host/credential/vault.h"
#include "host/plugin/tables.h"

namespace portico::plugin {
namespace {

constexpr std::size_t kMaxRequest = 64 * 1024, kMaxBody = 1u << 20;

class Source final : public credential::BlobSource {
public:
    explicit Source(HostCall& call) : call_(call) {}
    std::string read(const std::string& blob, std::int64_t offset, std::size_t max) override {
        if (blob != allowed_) call_.requireContent(blob);
        allowed_ = blob;
        std::string bytes = call_.services().blobs.read(call_.scope().tenant, blob, offset, max);
        if (bytes.empty()) throw Error(Code::Invalid, "blob_range", "read a file: it is shorter than the request says");
        return bytes;
    }

private:
    HostCall& call_;
    std::string allowed_;  // asked once for each, however many pieces
};

class Sink final : public credential::BlobSink {
public:
    explicit Sink(HostCall& call) : call_(call) {}
    void write(const std::string& blob, std::int64_t offset, std::string_view bytes) override {
        call_.requireRecord("file", true);
        call_.services().blobs.write(call_.scope().tenant, blob, offset, bytes);
    }

private:
    HostCall& call_;
};

portico_status fetch(const portico_host*, const portico_call* abi, portico_str request, portico_bytes body,
                     portico_sink head, portico_sink content) {
    return fence(abi, [&](HostCall& call) {
        if (body.size > kMaxBody)
            throw Error(Code::Limit, "body_too_large", "a request body may be 1 MiB; send larger ones as body_blob");
        credential::FetchRequest wanted;
        wanted.lease = call.lease();
        wanted.request = Json::parse(wire::view(request), kMaxRequest);
        wanted.deadline = Deadline::atNs(call.context().deadline_ns);
        wanted.given_up = [&call] { return call.stopped(); };
        Source source(call);
        Sink sink(call);
        const credential::FetchResult answer = call.services().vault.fetch(wanted, wire::view(body), &source, &sink);
        emit(head, answer.head.dump());
        emit(content, answer.content);
    });
}

}  // namespace

const portico_http_1& httpTable() {
    static constexpr portico_http_1 kTable{sizeof(portico_http_1), 0, fetch};
    return kTable;
}

}  // namespace portico::plugin
