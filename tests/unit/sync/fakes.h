// SPDX-License-Identifier: Apache-2.0
// Both sides of the engine in memory: a CRM with one kind of record, and a service that can lose answers, expire
// cursors and refuse. One thread at a time.
#pragma once

#include <map>
#include <set>

#include "host/base/error.h"
#include "host/sync/ports.h"

namespace portico::sync::test {

class MemoryRecords final : public Records {
public:
    struct Entry {
        std::int64_t version = 1;
        Json record;
        bool gone = false;
    };
    mutable std::map<std::string, Entry> entries;
    mutable std::set<std::string> removed_there;
    std::string refuse_name;  // update() throws double_booking for a record with this name

    void put(const std::string& id, const char* json) {
        auto& entry = entries[id];
        if (!entry.record.isNull()) ++entry.version;
        entry.record = Json::parse(json);
    }

    const std::vector<std::string>& kinds() const override {
        static const std::vector<std::string> kKinds{"contact"};
        return kKinds;
    }
    std::optional<LocalRecord> load(storage::Tx&, const UserId&, const std::string& kind,
                                    const std::string& id) const override {
        const auto found = entries.find(id);
        if (found == entries.end() || found->second.gone) return std::nullopt;
        return LocalRecord{kind, id, found->second.version, found->second.record};
    }
    std::vector<std::pair<std::string, std::string>> all(storage::Tx&, const UserId&) const override {
        std::vector<std::pair<std::string, std::string>> ids;
        for (const auto& [id, entry] : entries) ids.emplace_back("contact", id);
        return ids;
    }
    std::optional<LocalRecord> match(storage::Tx&, const UserId&, const Json& record) const override {
        for (const auto& [id, entry] : entries) {
            if (entry.record.getStr("name") == record.getStr("name"))
                return LocalRecord{"contact", id, entry.version, entry.record};
        }
        return std::nullopt;
    }
    std::optional<LocalRecord> create(storage::Tx&, const CallContext&, const Json& record) const override {
        if (record.getStr("name") == "poison") throw Error(Code::Invalid, "bad_record", "a name nobody can have");
        const std::string id = newId();
        entries[id] = {1, record, false};
        return LocalRecord{"contact", id, 1, record};
    }
    LocalRecord update(storage::Tx&, const CallContext&, const LocalRecord& now, const Json& record) const override {
        if (!refuse_name.empty() && record.getStr("name") == refuse_name)
            throw Error(Code::Conflict, "double_booking", "overlaps another appointment");
        Entry& entry = entries[now.id];
        entry.record = record;
        ++entry.version;
        return LocalRecord{now.kind, now.id, entry.version, record};
    }
    std::optional<Json> leaving(storage::Tx&, const LocalRecord& local, plugin::Reader&, const Json&) const override {
        return local.record;
    }
    std::string removedThere(storage::Tx&, const CallContext&, const std::string&,
                             const std::string& id) const override {
        removed_there.insert(id);
        return "Deleted there; kept here.";
    }
};

class MemoryService final : public Connector {
public:
    struct Object {
        std::int64_t version = 1;
        Json record;
        std::string token, previous;
    };
    std::map<std::string, Object> objects;
    int creates = 0, pushes = 0;
    bool lose_answers = false;  // the write happens, no outcome line comes back
    bool cursor_expired = false;
    bool silent_read = false;  // read() cannot say anything
    std::string refuse_name;

    std::string add(const char* json) {
        const std::string ref = "people/" + std::to_string(objects.size() + 1);
        objects[ref] = {1, Json::parse(json), "", ""};
        return ref;
    }
    void rename(const std::string& from, const std::string& to) {
        Object object = objects[from];
        objects.erase(from);
        object.previous = from;
        objects[to] = object;
    }
    void edit(const std::string& ref, const char* json) {
        objects[ref].record = Json::parse(json);
        ++objects[ref].version;
    }

    std::vector<Json> collections() override { return {Json::object().set("id", "all").set("writable", true)}; }
    std::function<void()> after_line;  // of a pull
    void pull(const std::string&, const std::string& cursor, const std::function<void(const Json&)>& on_line) override {
        if (cursor_expired && !cursor.empty()) {
            cursor_expired = false;
            return on_line(Json::object().set("op", "expired"));
        }
        for (const auto& [ref, object] : objects) {
            on_line(upsertLine(ref, object));
            if (after_line) after_line();
        }
        on_line(Json::object().set("op", "done").set("full", true).set("cursor", "c1"));
    }
    std::vector<Json> prepare(const std::string&, const std::vector<Json>& intents) override {
        std::vector<Json> lines;
        for (const Json& intent : intents)
            lines.push_back(Json::object().set("key", intent.str("key")).set("token", "t-" + intent.str("key")));
        return lines;
    }
    std::vector<Json> push(const std::string&, const std::vector<Json>& changes) override {
        ++pushes;
        std::vector<Json> lines;
        for (const Json& change : changes) {
            Json line = one(change);
            if (!lose_answers) lines.push_back(line.set("key", change.str("key")));
        }
        return lines;
    }
    std::vector<Json> read(const std::string&, const std::vector<Json>& refs) override {
        std::vector<Json> lines;
        if (silent_read) return lines;
        for (const Json& ask : refs) {
            const std::string name = ask.has("token") ? "token" : "ref";
            Json line = Json::object().set(name, ask.str(name)).set("found", false);
            for (const auto& [ref, object] : objects) {
                if ((name == "token" && object.token == ask.str(name)) || (name == "ref" && ref == ask.str(name)))
                    line.set("found", true)
                        .set("ref", ref)
                        .set("version", std::to_string(object.version))
                        .set("record", object.record);
            }
            lines.push_back(line);
        }
        return lines;
    }

private:
    static Json upsertLine(const std::string& ref, const Object& object) {
        Json line = Json::object().set("op", "upsert").set("ref", ref).set("version", std::to_string(object.version));
        line.set("record", object.record);
        if (!object.token.empty()) line.set("token", object.token);
        if (!object.previous.empty()) line.set("previous", Json::array({object.previous}));
        return line;
    }
    Json one(const Json& change) {
        const std::string op = change.str("op");
        if (op != "delete" && !refuse_name.empty() && change.at("record").getStr("name") == refuse_name)
            return Json::object().set("outcome", "refused").set("code", "bad_name").set("message", "No such name.");
        if (op == "create") {
            ++creates;
            const std::string ref = "people/" + std::to_string(objects.size() + 1);
            objects[ref] = {1, change.at("record"), change.str("token"), ""};
            return ok(ref);
        }
        const std::string ref = change.str("ref");
        const auto found = objects.find(ref);
        if (found == objects.end()) return Json::object().set("outcome", op == "delete" ? "ok" : "conflict");
        if (std::to_string(found->second.version) != change.str("version"))
            return Json::object()
                .set("outcome", "conflict")
                .set("ref", ref)
                .set("version", std::to_string(found->second.version))
                .set("record", found->second.record);
        if (op == "delete") {
            objects.erase(found);
            return Json::object().set("outcome", "ok");
        }
        found->second.record = change.at("record");
        ++found->second.version;
        return ok(ref);
    }
    Json ok(const std::string& ref) {
        const Object& object = objects[ref];
        return Json::object()
            .set("outcome", "ok")
            .set("ref", ref)
            .set("version", std::to_string(object.version))
            .set("record", object.record);
    }
};

}  // namespace portico::sync::test
