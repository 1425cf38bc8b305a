// SPDX-License-Identifier: Apache-2.0
#include "books.h"

#include <portico/plugin/sha256.hpp>

#include <algorithm>

namespace carddav {

namespace {

constexpr std::size_t kChunk = 50;  // cards per request; halved when their pictures are too large for one answer
constexpr const char* kDefaultName = "Contacts";

std::string withSlash(std::string path) { return path.ends_with('/') ? path : path + "/"; }

std::string hrefIn(const MultiStatus& answer, const char* space, const char* name) {
    for (const Resource& resource : answer.resources) {
        const std::string href = resource.properties.child(space, name).child(kDav, "href").text;
        if (!href.empty()) return href;
    }
    return "";
}

// Without the property the server does not say, and trying is the way to find out.
bool mayWrite(const Element& properties) {
    if (!properties.has(kDav, "current-user-privilege-set")) return true;
    for (const Element& privilege : properties.child(kDav, "current-user-privilege-set").children)
        for (const char* name : {"all", "write", "write-content", "bind"})
            if (privilege.has(kDav, name)) return true;
    return false;
}

bool isCard(const Resource& resource) {
    const std::string& type = resource.properties.child(kDav, "getcontenttype").text;
    return type.empty() ? resource.path.ends_with(".vcf") : type.starts_with("text/vcard");
}

}  // namespace

// The well-known address first; a server that does not have it is asked at its root.
std::string Books::home(const Call& call) const {
    std::string path = "/.well-known/carddav";
    const std::string wanted = "<d:current-user-principal/><c:addressbook-home-set/>";
    MultiStatus answer;
    try {
        answer = dav_.propfind(call, &path, 0, wanted);
    } catch (const DavError& error) {
        if (error.http() == 401 || !error.refused()) throw;
        path = "/";
        answer = dav_.propfind(call, &path, 0, wanted);
    }
    if (const std::string found = hrefIn(answer, kCard, "addressbook-home-set"); !found.empty())
        return withSlash(canonical(found));
    std::string principal = canonical(hrefIn(answer, kDav, "current-user-principal"));
    if (principal.empty())
        throw DavError(PORTICO_E_NOT_FOUND, "no_principal", "the server does not say where this user's data is", 0);
    const std::string found =
        hrefIn(dav_.propfind(call, &principal, 0, "<c:addressbook-home-set/>"), kCard, "addressbook-home-set");
    if (found.empty())
        throw DavError(PORTICO_E_NOT_FOUND, "no_home", "this user has no address books on the server", 0);
    return withSlash(canonical(found));
}

std::vector<Book> Books::booksIn(const Call& call, const std::string& home) const {
    std::string path = home;
    const MultiStatus answer =
        dav_.propfind(call, &path, 1, "<d:resourcetype/><d:displayname/><d:current-user-privilege-set/>");
    std::vector<Book> books;
    for (const Resource& resource : answer.resources) {
        if (!resource.properties.child(kDav, "resourcetype").has(kCard, "addressbook")) continue;
        const std::string name = resource.properties.child(kDav, "displayname").text;
        books.push_back({withSlash(resource.path), name.empty() ? kDefaultName : name, mayWrite(resource.properties)});
    }
    return books;
}

Book Books::create(const Call& call, const std::string& home, const std::string& name) const {
    // The same name always makes the same address, so that a repetition finds what it made.
    const std::string path = home + "portico-" + portico::sdk::sha256Hex(name).substr(0, 12) + "/";
    Request request{"MKCOL", path, {{"Content-Type", "application/xml; charset=utf-8"}}};
    request.body = std::string("<?xml version=\"1.0\" encoding=\"utf-8\"?><d:mkcol ") + kNamespaces +
                   "><d:set><d:prop><d:resourcetype><d:collection/><c:addressbook/></d:resourcetype><d:displayname>" +
                   escapeXml(name) + "</d:displayname></d:prop></d:set></d:mkcol>";
    dav_.ask(call, request);
    return {path, name, true};
}

std::vector<Book> Books::find(const Call& call, const std::string& wished) const {
    const std::string at = home(call);
    std::vector<Book> books = booksIn(call, at);
    const auto fits = [&](const Book& book) { return book.writable && (wished.empty() || book.name == wished); };
    if (std::ranges::none_of(books, fits)) books.push_back(create(call, at, wished.empty() ? kDefaultName : wished));
    std::ranges::stable_partition(books, fits);  // the one to use comes first
    return books;
}

BookState Books::state(const Call& call, const std::string& book) const {
    std::string path = book;
    const MultiStatus answer = dav_.propfind(call, &path, 0, "<d:supported-report-set/><s:getctag/>");
    BookState state;
    for (const Resource& resource : answer.resources) {
        state.ctag = resource.properties.child(kCalendarServer, "getctag").text;
        for (const Element& report : resource.properties.child(kDav, "supported-report-set").children)
            state.can_sync |= report.child(kDav, "report").has(kDav, "sync-collection");
    }
    return state;
}

std::optional<Changes> Books::changesSince(const Call& call, const std::string& book, const std::string& token) const {
    Request request{"REPORT", book, {{"Depth", "0"}, {"Content-Type", "application/xml; charset=utf-8"}}};
    request.body = std::string("<?xml version=\"1.0\" encoding=\"utf-8\"?><d:sync-collection ") + kNamespaces +
                   "><d:sync-token>" + escapeXml(token) +
                   "</d:sync-token><d:sync-level>1</d:sync-level><d:prop><d:getetag/><d:getcontenttype/></d:prop>"
                   "</d:sync-collection>";
    MultiStatus answer;
    try {
        answer = dav_.report(call, book, request.body);
    } catch (const DavError& error) {
        // RFC 6578 names a precondition in a 403; servers say it with other refusals too. What is not about the token
        // comes again, without one, and is thrown then.
        if (token.empty() || !error.refused() || error.http() == 401) throw;
        return std::nullopt;
    }
    Changes changes;
    changes.token = answer.sync_token;
    for (const Resource& resource : answer.resources) {
        if (resource.status == 507) {  // "there is more" (RFC 6578 section 3.6)
            changes.more = true;
            continue;
        }
        const bool removed = resource.status == 404;
        if (resource.path == book || (!removed && !isCard(resource))) continue;
        changes.members.push_back({resource.path, resource.properties.child(kDav, "getetag").text, removed});
    }
    return changes;
}

std::vector<Member> Books::list(const Call& call, const std::string& book) const {
    std::string path = book;
    std::vector<Member> members;
    for (const Resource& resource : dav_.propfind(call, &path, 1, "<d:getetag/><d:getcontenttype/>").resources)
        if (resource.path != book && isCard(resource))
            members.push_back({resource.path, resource.properties.child(kDav, "getetag").text});
    return members;
}

std::vector<Card> Books::get(const Call& call, const std::string& book, const std::vector<std::string>& paths) const {
    std::vector<Card> cards;
    for (std::size_t at = 0; at < paths.size(); at += kChunk) {
        const auto first = paths.begin() + static_cast<std::ptrdiff_t>(at);
        const auto count = static_cast<std::ptrdiff_t>(std::min(kChunk, paths.size() - at));
        getInto(call, book, {first, first + count}, cards);
    }
    return cards;
}

void Books::getInto(const Call& call, const std::string& book, const std::vector<std::string>& paths,
                    std::vector<Card>& cards) const {
    std::string body = std::string("<?xml version=\"1.0\" encoding=\"utf-8\"?><c:addressbook-multiget ") + kNamespaces +
                       "><d:prop><d:getetag/><c:address-data/></d:prop>";
    for (const std::string& path : paths) body += "<d:href>" + escapeXml(path) + "</d:href>";
    MultiStatus answer;
    try {
        answer = dav_.report(call, book, body + "</c:addressbook-multiget>");
    } catch (const portico::sdk::PluginError& error) {
        if (error.status() != PORTICO_E_LIMIT || paths.size() == 1) throw;
        const auto middle = paths.begin() + static_cast<std::ptrdiff_t>(paths.size() / 2);
        getInto(call, book, {paths.begin(), middle}, cards);
        getInto(call, book, {middle, paths.end()}, cards);
        return;
    }
    for (const Resource& resource : answer.resources)
        if (resource.status / 100 == 2 && resource.properties.has(kCard, "address-data"))
            cards.push_back({resource.path, resource.properties.child(kDav, "getetag").text,
                             resource.properties.child(kCard, "address-data").text});
}

}  // namespace carddav
