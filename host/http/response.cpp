// SPDX-License-Identifier: Apache-2.0
#include "host/http/response.h"

#include "host/http/uri.h"

namespace portico::http {

std::uint64_t Response::length() const {
    if (file.file) return file.length;
    return shared_body ? shared_body->size() : body.size();
}

Response Response::jsonText(std::string json, int status) {
    Response response;
    response.status = status;
    response.body = std::move(json);
    response.headers.add("Content-Type", "application/json");
    return response;
}

Response Response::json(const Json& value, int status) { return jsonText(value.dump(), status); }

Response Response::text(std::string_view text, int status) {
    Response response;
    response.status = status;
    response.body = text;
    response.headers.add("Content-Type", "text/plain; charset=utf-8");
    return response;
}

Response Response::empty(int status) {
    Response response;
    response.status = status;
    return response;
}

Response Response::redirect(std::string_view location, int status) {
    Response response = empty(status);
    response.headers.add("Location", location);
    return response;
}

Response Response::download(FileRange range, std::string_view media_type, std::string_view file_name) {
    Response response;
    response.file = std::move(range);
    response.headers.add("Content-Type", media_type);
    response.headers.add("Content-Disposition", "attachment; filename*=UTF-8''" + percentEncode(file_name));
    response.headers.add("Content-Security-Policy", "sandbox");
    return response;
}

Response Response::eventStream(std::unique_ptr<Subscription> subscription) {
    Response response;
    response.events = std::move(subscription);
    response.headers.add("Content-Type", "text/event-stream");
    response.headers.add("Cache-Control", "no-store");
    return response;
}

std::string_view reasonPhrase(int status) noexcept {
    switch (status) {
        case 200: return "OK";
        case 201: return "Created";
        case 202: return "Accepted";
        case 204: return "No Content";
        case 206: return "Partial Content";
        case 302: return "Found";
        case 303: return "See Other";
        case 304: return "Not Modified";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 411: return "Length Required";
        case 412: return "Precondition Failed";
        case 413: return "Content Too Large";
        case 414: return "URI Too Long";
        case 415: return "Unsupported Media Type";
        case 417: return "Expectation Failed";
        case 422: return "Unprocessable Content";
        case 428: return "Precondition Required";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 499: return "Client Closed Request";
        case 500: return "Internal Server Error";
        case 501: return "Not Implemented";
        case 503: return "Service Unavailable";
        case 504: return "Gateway Timeout";
        case 507: return "Insufficient Storage";
        default: return "";
    }
}

}  // namespace portico::http
