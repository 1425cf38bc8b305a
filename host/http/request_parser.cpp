// SPDX-License-Identifier: Apache-2.0
#include "host/http/request_parser.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "host/base/error.h"
#include "host/http/uri.h"

namespace portico::http {
namespace {

namespace beast = boost::beast;

constexpr std::array<std::string_view, 7> kMethods = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};

[[noreturn]] void refuse(const std::string& why) {
    throw Error(Code::Invalid, "bad_request", "the request cannot be read: " + why);
}

// Collects what Beast finds in a complete head.
class HeadParser final : public beast::http::basic_parser<true> {
public:
    HeadParser(Request& request, int& version) : request_(request), version_(version) { skip(true); }

private:
    using Text = boost::beast::string_view;
    using Ec = boost::beast::error_code;
    static std::string_view view(Text text) { return {text.data(), text.size()}; }

    void on_request_impl(beast::http::verb, Text method, Text target, int version, Ec&) override {
        request_.method = view(method);
        request_.target = view(target);
        version_ = version;
    }
    void on_response_impl(int, Text, int, Ec&) override {}
    void on_field_impl(beast::http::field, Text name, Text value, Ec&) override {
        request_.headers.add(view(name), view(value));
    }
    void on_header_impl(Ec&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, Ec&) override {}
    std::size_t on_body_impl(Text body, Ec&) override { return body.size(); }
    void on_chunk_header_impl(std::uint64_t, Text, Ec&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, Text body, Ec&) override { return body.size(); }
    void on_finish_impl(Ec&) override {}

    Request& request_;
    int& version_;
};

bool isHost(std::string_view host) {
    return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) ||
               std::string_view(".-:[]_").find(c) != std::string_view::npos;
    });
}

// Digits only: "+5", "-1", "5, 5" and "0x10" are how two parsers come to disagree.
std::optional<std::uint64_t> parseLength(std::string_view text) {
    if (text.empty() || text.size() > 15) return std::nullopt;
    std::uint64_t value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return value;
}

}  // namespace

// Byte by byte, so that a fault is found at the same byte however the head arrives. True when the head is complete.
bool RequestParser::scanHead(std::string_view bytes, std::size_t& used) {
    char before = head_.empty() ? '\0' : head_.back();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const char c = bytes[i];
        if (before == '\0' && (c < 'A' || c > 'Z')) refuse("it does not begin with a method");
        if ((before == '\r') != (c == '\n')) refuse("a line does not end with CR LF");
        if ((static_cast<unsigned char>(c) < 0x20 && c != '\r' && c != '\n' && c != '\t') || c == 0x7f)
            refuse("the header has a control character");
        if (line_bytes_ == 0 && before == '\n' && (c == ' ' || c == '\t')) refuse("a header field is folded");
        if (head_.size() + i >= limits_->head_bytes)
            throw Error(Code::Limit, "header_too_large", "the request header is too large");
        if (c == '\n') {
            if (line_bytes_ == 0) {
                used = i + 1;
                head_.append(bytes.substr(0, used));
                return true;
            }
            endLine();
        } else if (c != '\r') {
            ++line_bytes_;
        }
        before = c;
    }
    head_.append(bytes);
    used = bytes.size();
    return false;
}

void RequestParser::endLine() {
    if (lines_ == 0 && line_bytes_ > limits_->target_bytes + std::string_view("OPTIONS  HTTP/1.1").size())
        throw Error(Code::Limit, "uri_too_long", "the request target is too long");
    if (++lines_ > limits_->fields + 1)
        throw Error(Code::Limit, "header_too_large", "the request has too many header fields");
    line_bytes_ = 0;
}

void RequestParser::parseHead() {
    int version = 0;
    HeadParser parser(request_, version);
    parser.header_limit(static_cast<std::uint32_t>(limits_->head_bytes + 1));
    beast::error_code fault;
    parser.put(boost::asio::buffer(head_), fault);
    if (fault) refuse(fault.message());
    if (!parser.is_header_done()) refuse("the header is not complete");
    request_.http10 = version == 10;

    if (std::find(kMethods.begin(), kMethods.end(), request_.method) == kMethods.end())
        throw Error(Code::Unsupported, "method_unknown", "this server does not know the method");
    if (request_.headers.count("host") != 1) refuse("exactly one Host is needed");
    if (!isHost(request_.headers.get("host"))) refuse("the Host is not a host name");
    Target target = parseTarget(request_.target);
    request_.path = std::move(target.path);
    request_.query = std::move(target.query);
    // HTTP/1.0 keep-alive is an afterthought that intermediaries get wrong: such connections carry one request.
    request_.keep_alive = !request_.http10 && !request_.headers.lists("connection", "close");
}

// RFC 9112 section 6 without its tolerances.
void RequestParser::decideBody() {
    const Headers& headers = request_.headers;
    const std::size_t lengths = headers.count("content-length");
    const std::size_t encodings = headers.count("transfer-encoding");
    if (lengths > 1 || encodings > 1 || (lengths && encodings)) refuse("its length is given twice");
    if (encodings) {
        if (request_.http10) refuse("HTTP/1.0 has no Transfer-Encoding");
        if (!equalsNoCase(headers.get("transfer-encoding"), "chunked"))
            refuse("only the transfer coding 'chunked' is known");
        chunked_ = true;
    } else if (lengths) {
        const auto length = parseLength(headers.get("content-length"));
        if (!length) refuse("its Content-Length is not a number");
        length_ = *length;
    } else if (request_.method == "POST" || request_.method == "PUT" || request_.method == "PATCH") {
        throw Error(Code::Invalid, "length_required", request_.method + " needs a Content-Length");
    }
    if (headers.has("expect")) {
        if (!equalsNoCase(headers.get("expect"), "100-continue"))
            throw Error(Code::Invalid, "expectation", "only Expect: 100-continue is known");
        expects_continue_ = chunked_ || length_ > 0;
    }
}

Progress RequestParser::feed(std::string_view bytes, std::size_t& used) {
    used = 0;
    if (stage_ == Stage::Head) {
        if (!scanHead(bytes, used)) return Progress::NeedMore;
        parseHead();
        decideBody();
        stage_ = chunked_ || length_ > 0 ? Stage::AwaitAccept : Stage::Complete;
        return stage_ == Stage::Complete ? Progress::Complete : Progress::Head;
    }
    if (stage_ == Stage::Length) feedLength(bytes, used);
    if (stage_ == Stage::Chunked) feedChunked(bytes, used);
    return stage_ == Stage::Complete ? Progress::Complete : Progress::NeedMore;
}

void RequestParser::acceptBody(std::uint64_t limit, std::shared_ptr<SpoolFile> file) {
    if (stage_ != Stage::AwaitAccept) throw Error(Code::Internal, "parser", "a body was accepted that is not awaited");
    body_limit_ = limit;
    if (!chunked_ && length_ > limit)
        throw Error(Code::Limit, "too_large", "the body is larger than " + std::to_string(limit) + " bytes");
    request_.upload = std::move(file);
    stage_ = chunked_ ? Stage::Chunked : Stage::Length;
}

void RequestParser::store(std::string_view bytes) {
    received_ += bytes.size();
    if (received_ > body_limit_)
        throw Error(Code::Limit, "too_large", "the body is larger than " + std::to_string(body_limit_) + " bytes");
    if (request_.upload) {
        request_.upload->write(bytes);
    } else {
        request_.body.append(bytes);
    }
}

void RequestParser::feedLength(std::string_view bytes, std::size_t& used) {
    used = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), length_ - received_));
    store(bytes.substr(0, used));
    if (received_ == length_) stage_ = Stage::Complete;
}

void RequestParser::feedChunked(std::string_view bytes, std::size_t& used) {
    while (used < bytes.size() && !chunks_.done()) {
        std::string_view data;
        used += chunks_.feed(bytes.substr(used), data);
        store(data);
    }
    if (chunks_.done()) stage_ = Stage::Complete;
}

Request RequestParser::take() {
    if (stage_ != Stage::Complete) throw Error(Code::Internal, "parser", "an unfinished request was taken");
    Request request = std::move(request_);
    *this = RequestParser(*limits_);
    return request;
}

}  // namespace portico::http
