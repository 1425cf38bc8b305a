// SPDX-License-Identifier: Apache-2.0
// Finding the address books of an account (RFC 6764, RFC 6352 section 6) and the cards in one of them (RFC 6578 and the
// older listing). Immutable; safe from any thread that is serving a call.
#pragma once

#include "dav.h"
#include "vcard.h"

#include <optional>

namespace carddav {

struct Book {
    std::string path, name;  // the path ends with a slash
    bool writable = true;
};

// What a book says about itself before it is read.
struct BookState {
    bool can_sync = false;  // sync-collection; otherwise ctag tells whether anything changed
    std::string ctag;
};

struct Member {
    std::string path, etag;
    bool removed = false;
};
struct Changes {
    std::vector<Member> members;
    std::string token;
    bool more = false;  // ask again with the token
};

struct Card {
    std::string path, etag;
    std::string text;  // the vCard
};

class Books {
public:
    explicit Books(const Dav& dav) : dav_(dav) {}

    // Creates one when the account has none, or none of the wished name.
    std::vector<Book> find(const Call& call, const std::string& wished) const;

    BookState state(const Call& call, const std::string& book) const;
    // Nothing when the server no longer knows the token.
    std::optional<Changes> changesSince(const Call& call, const std::string& book, const std::string& token) const;
    std::vector<Member> list(const Call& call, const std::string& book) const;
    // Those of the paths that exist, in a few requests.
    std::vector<Card> get(const Call& call, const std::string& book, const std::vector<std::string>& paths) const;

private:
    std::string home(const Call& call) const;
    std::vector<Book> booksIn(const Call& call, const std::string& home) const;
    Book create(const Call& call, const std::string& home, const std::string& name) const;
    void getInto(const Call& call, const std::string& book, const std::vector<std::string>& paths,
                 std::vector<Card>& cards) const;

    const Dav& dav_;
};

}  // namespace carddav
