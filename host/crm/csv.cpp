// SPDX-License-Identifier: Apache-2.0
#include "host/crm/csv.h"

#include <algorithm>
#include <cstdint>

#include "host/base/bytes.h"
#include "host/base/error.h"

namespace portico::crm {
namespace {

[[noreturn]] void refuseEncoding(int line, const std::string& why) {
    throw Error(Code::Invalid, "bad_encoding",
                "read the file: line " + std::to_string(line) + " " + why +
                    ". Export it again as \"Google CSV\", or save it as UTF-8 in your spreadsheet program");
}

void appendUtf8(std::string& text, std::uint32_t point) {
    if (point < 0x80) {
        text += static_cast<char>(point);
    } else if (point < 0x800) {
        text += {static_cast<char>(0xc0 | point >> 6), static_cast<char>(0x80 | (point & 0x3f))};
    } else if (point < 0x10000) {
        text += {static_cast<char>(0xe0 | point >> 12), static_cast<char>(0x80 | (point >> 6 & 0x3f)),
                 static_cast<char>(0x80 | (point & 0x3f))};
    } else {
        text += {static_cast<char>(0xf0 | point >> 18), static_cast<char>(0x80 | (point >> 12 & 0x3f)),
                 static_cast<char>(0x80 | (point >> 6 & 0x3f)), static_cast<char>(0x80 | (point & 0x3f))};
    }
}

std::string fromUtf16(std::string_view bytes, bool big_endian) {
    int line = 1;
    const auto unit = [&](std::size_t at) {
        const auto first = static_cast<unsigned char>(bytes[at]), second = static_cast<unsigned char>(bytes[at + 1]);
        return static_cast<std::uint32_t>(big_endian ? first << 8 | second : second << 8 | first);
    };
    std::string text;
    text.reserve(bytes.size());
    for (std::size_t at = 0; at < bytes.size(); at += 2) {
        if (at + 1 == bytes.size()) refuseEncoding(line, "ends in the middle of a character (UTF-16)");
        std::uint32_t point = unit(at);
        if (point >= 0xd800 && point <= 0xdfff) {
            const std::uint32_t low = at + 3 < bytes.size() ? unit(at + 2) : 0;
            if (point > 0xdbff || low < 0xdc00 || low > 0xdfff) refuseEncoding(line, "holds half a character (UTF-16)");
            point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
            at += 2;
        }
        if (point == '\n') ++line;
        if (point == 0) refuseEncoding(line, "holds a zero character: this is not a text file");
        appendUtf8(text, point);
    }
    return text;
}

void refuseUnlessUtf8(std::string_view text) {
    int line = 1;
    for (std::size_t at = 0; at < text.size(); ++line) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view one = text.substr(at, end - at);
        if (!isUtf8(one)) refuseEncoding(line, "is not UTF-8 (it looks like Latin-1 or Windows-1252)");
        if (one.find('\0') != std::string_view::npos)
            refuseEncoding(line, "holds a zero byte: this is not a text file");
        at = end + 1;
    }
}

// One pass over the text; the position and line of everything it says are those of the current character.
class Reader {
public:
    explicit Reader(std::string_view text) : text_(text) {}

    bool done() const { return at_ >= text_.size(); }

    CsvRecord record() {
        CsvRecord record{line_, {}};
        do record.fields.push_back(field());
        while (take(','));
        endLine();
        return record;
    }

private:
    bool take(char c) {
        if (done() || text_[at_] != c) return false;
        if (c == '\n') ++line_;
        ++at_;
        return true;
    }
    void endLine() {
        take('\r');
        if (!done() && !take('\n')) refuse(line_, "has text after a closing quote");
    }
    std::string field() {
        if (take('"')) return quoted();
        const std::size_t end = std::min(text_.find_first_of(",\r\n", at_), text_.size());
        const std::string value(text_.substr(at_, end - at_));
        at_ = end;
        return value;
    }
    std::string quoted() {
        const int began = line_;
        std::string value;
        for (;;) {
            if (done()) refuse(began, "opens a quote that is never closed");
            if (take('"')) {
                if (!take('"')) return value;
                value += '"';
            } else {
                const char c = text_[at_];
                take(c);
                value += c;
            }
        }
    }
    [[noreturn]] static void refuse(int line, const std::string& why) {
        throw Error(Code::Invalid, "bad_csv", "read the file: line " + std::to_string(line) + " " + why);
    }

    std::string_view text_;
    std::size_t at_ = 0;
    int line_ = 1;
};

}  // namespace

std::string decodeText(std::string_view bytes) {
    if (bytes.starts_with("\xff\xfe")) return fromUtf16(bytes.substr(2), false);
    if (bytes.starts_with("\xfe\xff")) return fromUtf16(bytes.substr(2), true);
    if (bytes.size() >= 2 && bytes[0] != '\0' && bytes[1] == '\0') return fromUtf16(bytes, false);
    if (bytes.size() >= 2 && bytes[0] == '\0' && bytes[1] != '\0') return fromUtf16(bytes, true);
    if (bytes.starts_with("\xef\xbb\xbf")) bytes.remove_prefix(3);
    refuseUnlessUtf8(bytes);
    return std::string(bytes);
}

std::vector<CsvRecord> parseCsv(std::string_view text, std::size_t most) {
    Reader reader(text);
    std::vector<CsvRecord> records;
    while (!reader.done()) {
        CsvRecord record = reader.record();
        if (record.fields.size() == 1 && record.fields.front().empty()) continue;
        if (records.size() == most)
            throw Error(Code::Limit, "too_many_rows",
                        "read the file: it has more than " + std::to_string(most) + " lines; split it");
        records.push_back(std::move(record));
    }
    return records;
}

}  // namespace portico::crm
