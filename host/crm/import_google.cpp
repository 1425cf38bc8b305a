// SPDX-License-Identifier: Apache-2.0
// The two header sets of Google's export (before 2024: "Given Name", "E-mail 1 - Type"; since: "First Name",
// "E-mail 1 - Label") to JSContact. Values joined with " ::: " are several.
#include <algorithm>
#include <map>
#include <set>

#include "host/base/error.h"
#include "host/crm/card.h"
#include "host/crm/csv.h"
#include "host/crm/import.h"

namespace portico::crm {
namespace {

constexpr std::size_t kMostRows = 50'000, kMostBytes = 32 << 20, kMostColumns = 500;

std::string trimmed(std::string_view text) {
    const std::size_t from = text.find_first_not_of(" \t\r\n");
    if (from == std::string_view::npos) return "";
    return std::string(text.substr(from, text.find_last_not_of(" \t\r\n") - from + 1));
}

std::vector<std::string> several(std::string_view text) {
    std::vector<std::string> parts;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find(":::", at), text.size());
        if (std::string part = trimmed(text.substr(at, end - at)); !part.empty()) parts.push_back(std::move(part));
        at = end + 3;
    }
    return parts;
}

// One row under its header.
class Line {
public:
    Line(const std::map<std::string, std::size_t, std::less<>>& columns, const CsvRecord& record)
        : columns_(columns), record_(record) {}

    // The value of the first of these columns that has one.
    std::string get(std::initializer_list<std::string> names) const {
        for (const std::string& name : names) {
            const auto column = columns_.find(name);
            if (column == columns_.end() || column->second >= record_.fields.size()) continue;
            if (std::string value = trimmed(record_.fields[column->second]); !value.empty()) return value;
        }
        return "";
    }
    std::string numbered(const std::string& group, int n, const std::string& member) const {
        return get({group + " " + std::to_string(n) + " - " + member});
    }
    bool hasGroup(const std::string& group, int n) const {
        return columns_.contains(group + " " + std::to_string(n) + " - Value") ||
               columns_.contains(group + " " + std::to_string(n) + " - Street") ||
               columns_.contains(group + " " + std::to_string(n) + " - Formatted");
    }
    int number() const { return record_.line; }

private:
    const std::map<std::string, std::size_t, std::less<>>& columns_;
    const CsvRecord& record_;
};

// Makes one card and collects what is wrong with its row.
class CardMaker {
public:
    CardMaker(const Line& line, std::vector<ImportProblem>& problems) : line_(line), problems_(problems) {}

    Json make() {
        name();
        emails();
        phones();
        addresses();
        organization();
        other();
        return card_;
    }
    // Something to know the person by.
    bool isNobody() const {
        return !card_.has("name") && !card_.has("nicknames") && !card_.has("organizations") && !card_.has("emails") &&
               !card_.has("phones");
    }

private:
    void problem(const std::string& column, const std::string& what) {
        problems_.push_back({line_.number(), column, what});
    }

    // Keeps one entry more than a card may have: checkedCard then refuses it, and a field of a million costs no more.
    static void keep(Json& entries, const std::string& id, Json entry) {
        if (entries.members().size() <= kMostCardEntries) entries.set(id, std::move(entry));
    }
    void put(const std::string& map, const std::string& prefix, Json entry) {
        if (!card_.has(map)) card_.set(map, Json::object());
        Json& entries = *card_.find(map);
        keep(entries, prefix + std::to_string(entries.members().size() + 1), std::move(entry));
    }

    // "* Work" marks the primary one in the old export.
    void label(Json& entry, const std::string& group, int n) {
        std::string text = line_.numbered(group, n, "Type");
        if (text.empty()) text = line_.numbered(group, n, "Label");
        const bool primary = text.starts_with("*");
        text = trimmed(std::string_view(text).substr(primary ? 1 : 0));
        const std::string folded = foldText(text);
        if (primary) entry.set("pref", 1);
        if (folded == "work")
            entry.set("contexts", Json::object({{"work", true}}));
        else if (folded == "home")
            entry.set("contexts", Json::object({{"private", true}}));
        else if (folded == "mobile" && group == "Phone")
            entry.set("features", Json::object({{"mobile", true}}));
        else if (!text.empty() && folded != "other")
            entry.set("label", text);
    }

    void name() {
        Json components = Json::array();
        std::string full;
        const auto add = [&](const char* kind, const std::string& value) {
            if (value.empty()) return;
            components.push(Json::object({{"kind", kind}, {"value", value}}));
            full += (full.empty() ? "" : " ") + value;
        };
        add("title", line_.get({"Name Prefix"}));
        add("given", line_.get({"First Name", "Given Name"}));
        add("given2", line_.get({"Middle Name", "Additional Name"}));
        add("surname", line_.get({"Last Name", "Family Name"}));
        add("generation", line_.get({"Name Suffix"}));
        if (const std::string whole = line_.get({"Name"}); !whole.empty()) full = whole;
        if (!full.empty()) {
            Json name = Json::object({{"full", full}});
            if (!components.items().empty()) name.set("components", std::move(components));
            card_.set("name", std::move(name));
        }
        for (const std::string& nickname : several(line_.get({"Nickname"})))
            put("nicknames", "n", Json::object({{"name", nickname}}));
    }

    void emails() {
        for (int n = 1; line_.hasGroup("E-mail", n); ++n)
            for (const std::string& address : several(line_.numbered("E-mail", n, "Value"))) {
                const std::size_t at = address.find('@');
                if (at == 0 || at == std::string::npos || at + 1 == address.size() ||
                    address.find(' ') != std::string::npos)
                    problem("E-mail " + std::to_string(n) + " - Value",
                            "'" + address.substr(0, 80) + "' is not an e-mail address");
                Json entry = Json::object({{"address", address}});
                label(entry, "E-mail", n);
                put("emails", "e", std::move(entry));
            }
    }

    void phones() {
        for (int n = 1; line_.hasGroup("Phone", n); ++n)
            for (const std::string& number : several(line_.numbered("Phone", n, "Value"))) {
                if (number.find_first_of("0123456789") == std::string::npos)
                    problem("Phone " + std::to_string(n) + " - Value",
                            "'" + number.substr(0, 40) + "' is not a phone number");
                Json entry = Json::object({{"number", number}});
                label(entry, "Phone", n);
                put("phones", "p", std::move(entry));
            }
    }

    void addresses() {
        for (int n = 1; line_.hasGroup("Address", n); ++n) {
            Json components = Json::array();
            std::string joined;
            for (const auto& [member, kind] :
                 std::initializer_list<std::pair<const char*, const char*>>{{"PO Box", "name"},
                                                                            {"Street", "name"},
                                                                            {"Extended Address", "name"},
                                                                            {"City", "locality"},
                                                                            {"Region", "region"},
                                                                            {"Postal Code", "postcode"},
                                                                            {"Country", "country"}}) {
                const std::string value = line_.numbered("Address", n, member);
                if (value.empty()) continue;
                components.push(Json::object({{"kind", kind}, {"value", value}}));
                joined += (joined.empty() ? "" : ", ") + value;
            }
            const std::string formatted = line_.numbered("Address", n, "Formatted");
            if (formatted.empty() && joined.empty()) continue;
            Json entry = Json::object({{"full", formatted.empty() ? joined : formatted}});
            if (!components.items().empty()) entry.set("components", std::move(components));
            label(entry, "Address", n);
            put("addresses", "a", std::move(entry));
        }
    }

    void organization() {
        for (const std::string& name : several(line_.get({"Organization Name", "Organization 1 - Name"})))
            put("organizations", "o", Json::object({{"name", name}}));
        for (const std::string& title : several(line_.get({"Organization Title", "Organization 1 - Title"})))
            put("titles", "t", Json::object({{"name", title}}));
    }

    void birthday() {
        const std::string text = line_.get({"Birthday"});
        if (text.empty()) return;
        const bool no_year = text.starts_with("--");
        const std::string rest = no_year ? text.substr(2) : text.size() == 10 ? text.substr(5) : "";
        const auto number = [](const std::string& digits) {
            return !digits.empty() && digits.find_first_not_of("0123456789") == std::string::npos ? std::stoi(digits)
                                                                                                  : -1;
        };
        const int month = rest.size() == 5 ? number(rest.substr(0, 2)) : -1,
                  day = rest.size() == 5 ? number(rest.substr(3)) : -1;
        const int year = no_year ? 0 : number(text.substr(0, 4));
        if (month < 1 || month > 12 || day < 1 || day > 31 || year < 0)
            return problem("Birthday", "'" + text.substr(0, 30) + "' is not a date such as 1980-05-17 or --05-17");
        Json date = Json::object({{"month", month}, {"day", day}});
        if (year > 0) date.set("year", year);
        put("anniversaries", "b", Json::object({{"kind", "birth"}, {"date", std::move(date)}}));
    }

    void other() {
        birthday();
        if (const std::string notes = line_.get({"Notes"}); !notes.empty())
            put("notes", "n", Json::object({{"note", notes}}));
        for (int n = 1; line_.hasGroup("Website", n); ++n)
            for (const std::string& uri : several(line_.numbered("Website", n, "Value")))
                put("links", "l", Json::object({{"uri", uri}}));
        Json keywords = Json::object();
        for (const std::string& word : several(line_.get({"Labels", "Group Membership"})))
            if (!word.starts_with("*")) keep(keywords, word, true);  // "* myContacts" is Google's own
        if (!keywords.members().empty()) card_.set("keywords", std::move(keywords));
    }

    const Line& line_;
    std::vector<ImportProblem>& problems_;
    Json card_ = Json::object();
};

std::map<std::string, std::size_t, std::less<>> columnsOf(const CsvRecord& header) {
    static const std::set<std::string> kKnown{"Given Name", "First Name",       "Family Name",    "Last Name",
                                              "Name",       "E-mail 1 - Value", "Phone 1 - Value"};
    if (header.fields.size() > kMostColumns)
        throw Error(Code::Invalid, "not_contacts", "read the file: its first line names more than 500 columns");
    std::map<std::string, std::size_t, std::less<>> columns;
    bool known = false;
    for (std::size_t i = 0; i < header.fields.size(); ++i) {
        const std::string name = trimmed(header.fields[i]);
        known = known || kKnown.contains(name);
        columns.emplace(name, i);
    }
    if (!known)
        throw Error(
            Code::Invalid, "not_contacts",
            "read the file: its first line has none of the columns of a Google Contacts export (such as \"First "
            "Name\" or \"E-mail 1 - Value\"). In Google Contacts choose Export, then \"Google CSV\"");
    return columns;
}

}  // namespace

ParsedImport parseGoogleCsv(std::string_view bytes) {
    if (bytes.size() > kMostBytes)
        throw Error(Code::Limit, "too_large", "read the file: it is larger than 32 MiB; split it");
    const std::vector<CsvRecord> records = parseCsv(decodeText(bytes), kMostRows + 1);
    if (records.empty()) throw Error(Code::Invalid, "not_contacts", "read the file: it is empty");
    const auto columns = columnsOf(records.front());
    ParsedImport parsed;
    for (std::size_t i = 1; i < records.size(); ++i) {
        ++parsed.rows;
        const std::size_t problems_before = parsed.errors.size();
        const Line line(columns, records[i]);
        CardMaker maker(line, parsed.errors);
        Json card = maker.make();
        if (records[i].fields.size() > records.front().fields.size())
            parsed.errors.push_back({records[i].line, "", "has more fields than the first line names"});
        if (maker.isNobody())
            parsed.errors.push_back(
                {records[i].line, "", "has neither a name nor an e-mail address nor a phone number"});
        if (parsed.errors.size() > problems_before) continue;
        try {
            parsed.cards.push_back({records[i].line, checkedCard(std::move(card))});
        } catch (const Error& error) {
            parsed.errors.push_back({records[i].line, "", error.what()});
        }
    }
    return parsed;
}

}  // namespace portico::crm
