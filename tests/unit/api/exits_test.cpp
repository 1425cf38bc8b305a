// SPDX-License-Identifier: Apache-2.0
// Field x exit (P15, P26, P28): a record whose every field came from somebody's Google account, and every way out of
// the CRM. Nothing leaves to a plugin that did not bring it, unless its manifest asks for the field and the account's
// owner allows it; then that field alone. A function of the ABI, a member of the plugins' schemas or an open route that
// nobody thought of here fails.
#include <cppunit/extensions/HelperMacros.h>
#include <unistd.h>

#include <fstream>
#include <regex>
#include <sstream>

#include "fixture.h"
#include "host/base/error.h"
#include "host/crm/appointments.h"
#include "host/crm/contacts.h"
#include "host/crm/files.h"
#include "host/plugin/exits.h"
#include "host/plugin/tables.h"
#include "host/sync/contact_records.h"
#include "host/sync/event_records.h"
#include "host/sync/push.h"

using namespace portico;
using namespace portico::api::test;

namespace {

const std::string kReader = "org.example.reader";
using Fields = std::set<std::string>;

std::string fileText(const std::string& path) {
    std::ifstream file(std::string(PORTICO_PLUGINS) + "/../" + path);
    CPPUNIT_ASSERT_MESSAGE(path, file.is_open());
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

const Fields& allFields() {
    static const Fields kAll(manifest::provenanceFields().begin(), manifest::provenanceFields().end());
    return kAll;
}

// What gives a field away, wherever it is found.
std::string canaryOf(const std::string& field) {
    return field == "event.time" ? "2031-07-07" : "canary-" + field + "-";
}

Fields seenIn(const std::string& text) {
    Fields seen;
    for (const std::string& field : allFields())
        if (text.find(canaryOf(field)) != std::string::npos) seen.insert(field);
    return seen;
}

std::string told(const Fields& fields) {
    std::string text;
    for (const std::string& field : fields) text += field + " ";
    return text;
}

manifest::Manifest readerPlugin(const std::string& id, const Fields& asked) {
    manifest::Manifest manifest;
    manifest.id = PluginId(id);
    manifest.name = "Reader";
    manifest.version = "1.0.0";
    manifest.trust.may_run = true;
    manifest.records = {{"contact", true, true, "r"}, {"event", true, true, "r"}, {"file", true, true, "r"}};
    manifest.actions = {{"panel", "Panel", std::nullopt, "staff", Json::object()},
                        {"button", "Button", std::nullopt, "staff", Json::object()}};
    manifest.contributes = {{"client.panel/v1", "panel", "Reader", "cloud"},
                            {"appointment.action/v1", "button", "Reader", "cloud"}};
    if (!asked.empty()) manifest.provenance = {{"google-data", "r", "a ledger", {asked.begin(), asked.end()}}};
    return manifest;
}

portico_sink into(std::string& text) {
    return {&text, [](void* self, portico_bytes chunk) -> portico_status {
                static_cast<std::string*>(self)->append(wire::view(chunk));
                return PORTICO_OK;
            }};
}

// Keeps what the engine hands to the plugin.
class Listening final : public sync::Connector {
public:
    std::string prepared, pushed;
    std::function<void()> on_push;  // set: it does this, and says that all went well
    std::vector<Json> collections() override { return {}; }
    void pull(const std::string&, const std::string&, const std::function<void(const Json&)>&) override {}
    std::vector<Json> prepare(const std::string&, const std::vector<Json>& intents) override {
        for (const Json& each : intents) prepared += each.dump() + "\n";
        return {};
    }
    std::vector<Json> push(const std::string&, const std::vector<Json>& changes) override {
        std::vector<Json> answers;
        for (const Json& each : changes) {
            pushed += each.dump() + "\n";
            if (on_push) answers.push_back(Json::object({{"key", each.str("key")}, {"outcome", "ok"}, {"ref", "r1"}}));
        }
        if (on_push) on_push();
        return answers;
    }
    std::vector<Json> read(const std::string&, const std::vector<Json>&) override { return {}; }
};

}  // namespace

class ExitsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ExitsTest);
    CPPUNIT_TEST(everyFunctionOfTheAbiIsAnExitOrNone);
    CPPUNIT_TEST(everyMemberOfARecordHasAField);
    CPPUNIT_TEST(everyExitIsWalked);
    CPPUNIT_TEST(nothingLeavesByDefault);
    CPPUNIT_TEST(whoBroughtItHasIt);
    CPPUNIT_TEST(askingAloneOrAllowingAloneOpensNothing);
    CPPUNIT_TEST(whatIsAskedAndAllowedLeavesAndNothingElse);
    CPPUNIT_TEST(aWiderManifestWaitsForItsOwner);
    CPPUNIT_TEST(anUnknownSourceIsNobodysToAllow);
    CPPUNIT_TEST(whatPeopleWroteIsTheBusinesss);
    CPPUNIT_TEST(whatIsWithheldSurvivesThePluginsWriting);
    CPPUNIT_TEST(whatIsWithheldStaysAtTheService);
    CPPUNIT_TEST(whatIsAllowedDuringAPushIsPushedNext);
    CPPUNIT_TEST(aFileIsNotUploadedElsewhere);
    CPPUNIT_TEST(noRouteGivesItToPluginsOrStrangers);
    CPPUNIT_TEST(eventsCarryNoMemberThatNobodyKnows);
    CPPUNIT_TEST(ownersAllowAndWithdrawOverTheApi);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        browser_.emplace(site_.signedIn());
        owner_ = site_.userOf("owner@one.test").id;
        tenant_ = site_.tenantOf("owner@one.test");
        plant();
    }

private:
    CallContext as(const std::string& via) const {
        return {tenant_, {owner_, via}, Deadline::in(Millis(60'000)), std::string(32, 'a'), {}};
    }
    template <class F>
    auto write(F&& f) {
        return site_.database.write(tenant_, [&](storage::Tx& tx) { return f(tx); });
    }

    static Json canaryCard(Json card) {
        const auto entry = [](const char* map, const char* member) {
            return Json::object({{"c1", Json::object({{member, canaryOf(std::string("contact.") + map) + "x"}})}});
        };
        card.set("name", Json::object({{"full", canaryOf("contact.name") + "x"}}));
        for (const auto& [map, member] : std::vector<std::pair<const char*, const char*>>{{"nicknames", "name"},
                                                                                          {"organizations", "name"},
                                                                                          {"titles", "name"},
                                                                                          {"phones", "number"},
                                                                                          {"addresses", "full"},
                                                                                          {"notes", "note"},
                                                                                          {"links", "uri"}})
            card.set(map, entry(map, member));
        Json emails = card.at("emails");
        card.set("emails", emails.set("c1", Json::object({{"address", canaryOf("contact.emails") + "x@x.test"}})));
        card.set("anniversaries", Json::object({{"c1", Json::object({{"kind", "birth"},
                                                                     {"label", canaryOf("contact.anniversaries")},
                                                                     {"date", Json::object({{"day", 1}})}})}}));
        card.set("keywords", Json::object({{canaryOf("contact.keywords"), true}}));
        return card.set("x-later", canaryOf("contact.other"));
    }

    // A client of ours with one address of ours; everything else of it, the time of its appointment, and a file came
    // through google-contacts from the owner's account.
    void plant() {
        const std::string staff = addStaff(*browser_, "Mia");
        const Json own = Json::object(
            {{"card", Json::object({{"emails", Json::object({{"own", Json::object({{"address", "own@x.test"}})}})}})}});
        contact_ = browser_->post("/contacts", own).id();
        appointment_ = browser_->post("/appointments", appointmentBody(staff, contact_)).id();
        const crm::StoredBlob content = site_.blobs.put(tenant_, canaryOf("file.content") + "x");
        blob_ = content.name;
        write([&](storage::Tx& tx) {
            const CallContext google = as("sync:c1"), drive = as("plugin:google-contacts");
            crm::nameSource(tx, "sync:c1", {"google-contacts", "google", owner_});
            crm::nameSource(tx, crm::sourceOf(drive), {"google-contacts", "google", owner_});
            crm::Contacts contacts(tx, site_.clock.now());
            contacts.update(google, contact_, std::nullopt, canaryCard(contacts.get(google, contact_).card));
            crm::Appointments appointments(tx, site_.clock.now());
            crm::AppointmentInput input = appointments.get(google, appointment_);
            input.start = "2031-07-07T07:07";
            appointments.update(google, appointment_, std::nullopt, input);
            file_ = crm::Files(tx, site_.clock.now())
                        .create(drive, canaryOf("file.name"), "x/" + canaryOf("file.content"), content, {}, 1 << 20)
                        .id;
        });
    }

    void allow(const Fields& fields, bool allowed = true, const UserId& who = UserId()) {
        write([&](storage::Tx& tx) {
            CallContext context = as("web");
            if (!who.empty()) context.actor.user = who;
            plugin::setSharing(tx, context, PluginId(kReader),
                               {"google-data", "r", "a ledger", {fields.begin(), fields.end()}}, allowed,
                               site_.clock.now());
        });
    }

    // ---- the exits, each as a plugin meets it: everything that it is handed

    template <class F>
    std::string asPlugin(const manifest::Manifest& manifest, F&& f) {
        const plugin::CallScope scope{
            tenant_, {owner_, "web"}, ConnectionId("c9"), Deadline::in(Millis(60'000)), std::string(32, 'a'), {}};
        plugin::BlobExchange exchange(site_.blobs, site_.clock);
        const plugin::HostServices services{site_.database, site_.vault, exchange, site_.clock};
        const wire::Pair pair = wire::makePair(), control_pair = wire::makePair();
        wire::Lane lane(pair.ours);
        wire::ControlLane control(control_pair.ours);
        std::string out;
        {
            plugin::HostCall call(scope, manifest, services, 1, 1, nullptr, lane, control);
            f(call.abi(), out);
            out += wire::view(call.abi()->why(call.abi()).message);
        }
        ::close(pair.theirs);
        ::close(control_pair.theirs);
        return out;
    }
    std::string query(const manifest::Manifest& manifest) {
        return asPlugin(manifest, [&](const portico_call* call, std::string& out) {
            for (const Json& wanted : {Json::object({{"kind", "contact"}}),
                                       Json::object({{"kind", "contact"}, {"ids", Json::array({contact_})}}),
                                       Json::object({{"kind", "file"}, {"ids", Json::array({file_})}})})
                plugin::recordTable().query(nullptr, call, wire::asStr(wanted.dump()), into(out));
        });
    }
    std::string writeRecord(const manifest::Manifest& manifest, const Json& record, const std::string& id) {
        return asPlugin(manifest, [&](const portico_call* call, std::string& out) {
            Json change = Json::object({{"kind", "contact"}, {"record", record}});
            if (!id.empty()) change.set("id", id);
            plugin::recordTable().write(nullptr, call, wire::asBytes(change.dump()), into(out));
        });
    }
    std::string fetchFile(const manifest::Manifest& manifest) {
        return asPlugin(manifest, [&](const portico_call* call, std::string& out) {
            const Json request =
                Json::object({{"url", "https://x.test"},
                              {"body_blob", Json::object({{"id", blob_}, {"offset", 0}, {"length", 10}})}});
            plugin::httpTable().fetch(nullptr, call, wire::asStr(request.dump()), {}, into(out), into(out));
        });
    }
    Listening push(const manifest::Manifest& manifest, std::function<void()> on_push = {}) {
        sync::ContactRecords contacts(site_.clock);
        sync::EventRecords events(site_.clock, [this](storage::Tx&) { return owner_; });
        Listening listening;
        listening.on_push = std::move(on_push);
        if (!listening.on_push)  // from the beginning
            write([&](storage::Tx& tx) { sync::removeConnection(tx, ConnectionId("c-" + manifest.id.str())); });
        for (const sync::Records* records : std::vector<const sync::Records*>{&contacts, &events}) {
            sync::StreamState state;
            state.key = {ConnectionId("c-" + manifest.id.str()), records == &contacts ? "contacts" : "events"};
            state.plugin = manifest.id.str();
            state.collection = "all";
            state.user = owner_;
            write([&](storage::Tx& tx) {
                sync::saveStream(tx, state);
                sync::touchLink(tx, state.key, "all", records == &contacts ? "contact" : "appointment",
                                records == &contacts ? contact_ : appointment_, 0);
            });
            try {
                sync::Push(site_.database, {as("sync:c9"), state, *records, 0, &manifest}, listening, 10).run();
            } catch (const Error& error) {
                CPPUNIT_ASSERT_EQUAL(std::string("try_again"), error.reason());  // it says nothing of outcomes
            }
        }
        return listening;
    }
    // What the panels' plugin is told; `manifest` may be one that the site knows already.
    std::string panels(const manifest::Manifest& manifest) {
        manifest::Manifest drawn = readerPlugin(manifest.id.str(), {});
        drawn.provenance = manifest.provenance;
        site_.plugins.add(drawn);
        site_.plugins.calls.clear();
        const std::string ui = "/plugins/" + manifest.id.str() + "/ui/";
        browser_->get(ui + "client.panel/v1?contact=" + contact_);
        browser_->get(ui + "appointment.action/v1?appointment=" + appointment_);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, site_.plugins.calls.size());
        return site_.plugins.calls[0] + site_.plugins.calls[1];
    }
    std::string events() {
        std::string out;
        for (const auto& stored :
             site_.database.read(tenant_, [](storage::Tx& tx) { return storage::eventsAfter(tx, 0, 10'000); }))
            out += stored.event.type + stored.event.subject_id + plugin::eventData(stored.event.data).dump() + "\n";
        return out;
    }

    using Probe = std::function<std::string(const manifest::Manifest&)>;
    std::map<std::string, Probe, std::less<>> probes() {
        const auto blob = [this](auto&& function) {
            return [this, function](const manifest::Manifest& manifest) {
                return asPlugin(manifest, [&](const portico_call* call, std::string& out) { function(call, out); });
            };
        };
        return {
            {"record/1 query", [this](const auto& manifest) { return query(manifest); }},
            {"record/1 write",
             [this](const auto& manifest) {
                 return writeRecord(manifest, Json::object({{"x-own", 1}}), "");
             }},
            {"blob/1 stat", blob([this](const portico_call* call, std::string& out) {
                 const auto status = plugin::blobTable().stat(nullptr, call, wire::asStr(blob_), into(out));
                 if (status == PORTICO_OK) out += canaryOf("file.content");  // size and hash are the content's
             })},
            {"blob/1 read", blob([this](const portico_call* call, std::string& out) {
                 plugin::blobTable().read(nullptr, call, wire::asStr(blob_), 0, 1000, into(out));
             })},
            {"http/1 fetch", [this](const auto& manifest) { return fetchFile(manifest); }},
            {"sync/1 prepare", [this](const auto& manifest) { return push(manifest).prepared; }},
            {"sync/1 push", [this](const auto& manifest) { return push(manifest).pushed; }},
            {"action/1 invoke", [this](const auto& manifest) { return panels(manifest); }},
            {"event/1 consume", [this](const auto&) { return events(); }},
        };
    }
    // By exit: what a plugin of this manifest sees there.
    std::map<std::string, Fields> walk(const manifest::Manifest& manifest) {
        std::map<std::string, Fields> seen;
        for (const auto& [exit, probe] : probes()) seen[exit] = seenIn(probe(manifest));
        return seen;
    }
    void assertNothing(const manifest::Manifest& manifest, const std::string& when) {
        for (const auto& [exit, fields] : walk(manifest))
            CPPUNIT_ASSERT_EQUAL_MESSAGE(when + ": " + exit, std::string(), told(fields));
    }

    // ---- the tables are complete

    void everyFunctionOfTheAbiIsAnExitOrNone() {
        const std::string header = fileText("plugin-api/include/portico/abi.h");
        static const std::regex kTable(R"(typedef struct portico_([a-z]+)_1 \{([\s\S]*?)\} portico_)");
        static const std::regex kFunction(R"(\(\*([a-z_]+)\)\()");
        Fields functions{"host log"};
        for (std::sregex_iterator table(header.begin(), header.end(), kTable), end; table != end; ++table) {
            const std::string body = (*table)[2];
            for (std::sregex_iterator each(body.begin(), body.end(), kFunction); each != end; ++each)
                functions.insert((*table)[1].str() + "/1 " + (*each)[1].str());
        }
        CPPUNIT_ASSERT(functions.size() > 20);
        Fields classified;
        for (const plugin::Exit& exit : plugin::exits())
            if (exit.name.find("/1 ") != std::string_view::npos || exit.name.starts_with("host "))
                CPPUNIT_ASSERT(classified.emplace(exit.name).second);
        CPPUNIT_ASSERT_EQUAL(told(functions), told(classified));
    }
    void everyMemberOfARecordHasAField() {
        const auto members = [](const std::string& kind) {
            std::vector<std::string> names;
            const Json schema = Json::parse(fileText("plugin-api/schemas/" + kind + ".schema.json"));
            for (const auto& [name, value] : schema.at("properties").members()) names.push_back(name);
            return names;
        };
        const Fields structure{"@type", "version", "uid", "kind"};
        for (const std::string& name : members("contact"))
            if (!structure.contains(name))
                CPPUNIT_ASSERT_EQUAL("contact." + name, plugin::fieldOf("contact", "/" + name));
        for (const std::string& name : members("file"))
            if (name != "id") CPPUNIT_ASSERT(allFields().contains(plugin::fieldOf("file", "/" + name)));
        // Of an event a service can change its time alone (EventRecords::update); everything else of it is made here.
        const Fields time{"start", "timeZone", "duration", "showWithoutTime"};
        const Fields made{"@type",          "uid",          "title",     "description", "status",
                          "freeBusyStatus", "participants", "locations", "portico:kind"};
        for (const std::string& name : members("event"))
            CPPUNIT_ASSERT_MESSAGE(name, time.contains(name) != made.contains(name));
        const std::string yaml = fileText("host/api/openapi.yaml");
        for (const std::string& field : allFields())
            CPPUNIT_ASSERT_MESSAGE(field, yaml.find(field) != std::string::npos);
    }
    void everyExitIsWalked() {
        const auto all = probes();
        for (const plugin::Exit& exit : plugin::exits())
            if (exit.guard == plugin::Guard::PerField)
                CPPUNIT_ASSERT_MESSAGE(std::string(exit.name), all.contains(exit.name));
        // And each field comes out somewhere, for who may have it: otherwise the walk would prove nothing.
        Fields reached;
        for (const auto& [exit, fields] : walk(readerPlugin("google-contacts", {})))
            reached.insert(fields.begin(), fields.end());
        CPPUNIT_ASSERT_EQUAL(told(allFields()), told(reached));
    }

    // ---- the walk

    void nothingLeavesByDefault() { assertNothing(readerPlugin(kReader, {}), "by default"); }
    void whoBroughtItHasIt() {
        const auto seen = walk(readerPlugin("google-contacts", {}));
        CPPUNIT_ASSERT_EQUAL(std::size_t{12 + 2}, seen.at("record/1 query").size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{12 + 1}, seen.at("sync/1 push").size());
        CPPUNIT_ASSERT_EQUAL(told({"file.content"}), told(seen.at("http/1 fetch")));
        CPPUNIT_ASSERT_EQUAL(told({"event.time"}), told(seen.at("action/1 invoke")));
    }
    void askingAloneOrAllowingAloneOpensNothing() {
        assertNothing(readerPlugin(kReader, allFields()), "asked for");
        allow(allFields());
        assertNothing(readerPlugin(kReader, {}), "allowed");
        manifest::Manifest other = readerPlugin(kReader, allFields());
        other.provenance[0].destination = "somewhere else";
        assertNothing(other, "another destination");
        other.provenance[0] = readerPlugin(kReader, allFields()).provenance[0];
        other.provenance[0].permission = "books-data";
        assertNothing(other, "another provider");
        assertNothing(readerPlugin("org.example.third", allFields()), "another plugin");
        allow(allFields(), false);
        allow(allFields(), true, site_.addUser("owner@one.test", "staff@one.test", identity::Role::Staff).id);
        assertNothing(readerPlugin(kReader, allFields()), "allowed by somebody else");
    }
    void whatIsAskedAndAllowedLeavesAndNothingElse() {
        const auto carried = walk(readerPlugin("google-contacts", {}));
        for (const std::string& field : allFields()) {
            allow(allFields());
            const auto seen = walk(readerPlugin(kReader, {field}));
            for (const auto& [exit, fields] : seen) {
                // An event without its time is none, so its title goes with it.
                Fields wanted;
                if (carried.at(exit).contains(field)) wanted.insert(field);
                CPPUNIT_ASSERT_EQUAL_MESSAGE(field + " through " + exit, told(wanted), told(fields));
            }
            allow({field});
            CPPUNIT_ASSERT_MESSAGE(field, walk(readerPlugin(kReader, allFields())) == seen);
            allow({field}, false);
            assertNothing(readerPlugin(kReader, {field}), "withdrawn " + field);
        }
    }
    void aWiderManifestWaitsForItsOwner() {
        allow({"contact.phones"});
        const auto seen = walk(readerPlugin(kReader, {"contact.phones", "contact.notes"}));
        CPPUNIT_ASSERT_EQUAL(told({"contact.phones"}), told(seen.at("record/1 query")));
    }
    void anUnknownSourceIsNobodysToAllow() {
        write([](storage::Tx& tx) { tx.exec("DELETE FROM data_sources WHERE tenant_id = :tenant"); });
        allow(allFields());
        assertNothing(readerPlugin(kReader, allFields()), "a source that nobody stands behind");
        assertNothing(readerPlugin("google-contacts", allFields()), "not even to who might have brought it");
    }
    void whatPeopleWroteIsTheBusinesss() {
        const Answer before = browser_->get("/contacts/" + contact_);
        Json own = before.body.at("card");
        own.set("name", Json::object({{"full", canaryOf("contact.name") + "ours"}}));
        const Json changed = Json::object({{"card", std::move(own)}});
        CPPUNIT_ASSERT_EQUAL(200, browser_->put("/contacts/" + contact_, changed, before.etag()).status);
        const auto seen = walk(readerPlugin(kReader, {}));
        CPPUNIT_ASSERT_EQUAL(told({"contact.name"}), told(seen.at("record/1 query")));
        CPPUNIT_ASSERT_EQUAL(told({"contact.name"}), told(seen.at("sync/1 push")));
        CPPUNIT_ASSERT_EQUAL(told({}), told(seen.at("action/1 invoke")));
    }

    // ---- and back in

    void whatIsWithheldSurvivesThePluginsWriting() {
        const manifest::Manifest reader = readerPlugin(kReader, {});
        const Json line = parseJsonLines(query(reader)).at(0);
        CPPUNIT_ASSERT_EQUAL(std::size_t{12}, line.at("withheld").items().size());
        const Json before = browser_->get("/contacts/" + contact_).body.at("card");
        Json written = line.at("record");
        writeRecord(reader, written.set("x-mine", "a stamp"), contact_);
        Json after = browser_->get("/contacts/" + contact_).body.at("card");
        CPPUNIT_ASSERT_EQUAL(std::string("a stamp"), after.str("x-mine"));
        after.erase("x-mine");
        CPPUNIT_ASSERT(before == after);
        assertNothing(reader, "after its own writing");
        const std::string refused =
            writeRecord(reader, written.set("name", Json::object({{"full", "Mine now"}})), contact_);
        CPPUNIT_ASSERT_MESSAGE(refused, refused.find("withheld") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(canaryOf("contact.name") + "x",
                             browser_->get("/contacts/" + contact_).body.at("card").at("name").str("full"));
    }
    // An address book that has the client already keeps what it has.
    void whatIsWithheldStaysAtTheService() {
        const manifest::Manifest reader = readerPlugin(kReader, {});
        sync::ContactRecords contacts(site_.clock);
        const Json there = Json::parse(R"({"name":{"full":"As they call her"},"phones":{"z":{"number":"1"}}})");
        const Json leaving = write([&](storage::Tx& tx) {
            plugin::Reader reading(tx, reader);
            return contacts.leaving(tx, contacts.load(tx, owner_, "contact", contact_).value(), reading, there).value();
        });
        CPPUNIT_ASSERT_EQUAL(std::string("As they call her"), leaving.at("name").str("full"));
        CPPUNIT_ASSERT(!leaving.has("phones") && leaving.at("emails").members().size() == 1);
    }
    void whatIsAllowedDuringAPushIsPushedNext() {
        const manifest::Manifest reader = readerPlugin(kReader, {"contact.notes"});
        const auto state = [&] {
            return site_.database.read(tenant_, [&](storage::Tx& tx) {
                return sync::findLink(tx, {ConnectionId("c-" + kReader), "contacts"}, "contact", contact_)->state;
            });
        };
        CPPUNIT_ASSERT(seenIn(push(reader, [this] { allow({"contact.notes"}); }).pushed).empty());
        CPPUNIT_ASSERT_EQUAL(std::string("waiting"), state());
        CPPUNIT_ASSERT_EQUAL(told({"contact.notes"}), told(seenIn(push(reader, [] {}).pushed)));
        CPPUNIT_ASSERT_EQUAL(std::string("synced"), state());
    }
    void aFileIsNotUploadedElsewhere() {
        site_.vault.connect(tenant_, owner_, "google-drive");
        const Answer answer = browser_->post("/files/" + file_ + "/drive");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(answer.text, 403, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string("withheld"), answer.code());
    }

    // ---- routes and events

    void noRouteGivesItToPluginsOrStrangers() {
        site_.plugins.add(readerPlugin(kReader, {}));
        for (const char* plugin : {"google-contacts", "google-calendar", "google-drive"})
            site_.vault.connect(tenant_, owner_, plugin);
        site_.plugins.add(readerPlugin("google-contacts", {}));  // it brought it, and is not the one to be watched
        site_.plugins.calls.clear();
        auto nobody = site_.browser();
        int open = 0, all = 0;
        for (const http::Route* route : site_.router.routes()) {
            const std::string name = route->method + " " + route->pattern;
            if (route->method == "DELETE" || name == "POST /api/v1/session") continue;
            std::string path = std::regex_replace(route->pattern, std::regex("\\{contactId\\}"), contact_);
            path = std::regex_replace(path, std::regex("\\{appointmentId\\}"), appointment_);
            path = std::regex_replace(path, std::regex("\\{fileId\\}"), file_);
            path = std::regex_replace(path, std::regex("\\{pluginId\\}"), kReader);
            path = std::regex_replace(path, std::regex("\\{slug\\}"), "salon-one");
            path = std::regex_replace(path, std::regex("\\{actionName\\}"), "button");
            path = std::regex_replace(path, std::regex("\\{[a-zA-Z]+\\}"), "1");
            if (!route->options.auth) {
                const Answer answer = nobody.send(route->method, path, Json::object());
                CPPUNIT_ASSERT_EQUAL_MESSAGE(name, std::string(), told(seenIn(answer.text)));
                ++open;
            }
            if (path.find("/events") == std::string::npos)  // a stream, to signed-in people; it would not end
                browser_->send(route->method, path, Json::object({{"args", Json::object()}}));
            ++all;
        }
        CPPUNIT_ASSERT(open >= 13 && all > 70 && !site_.plugins.calls.empty());
        for (const std::string& call : site_.plugins.calls)
            if (!call.starts_with("google-contacts."))
                CPPUNIT_ASSERT_EQUAL_MESSAGE(call, std::string(), told(seenIn(call)));
    }
    void eventsCarryNoMemberThatNobodyKnows() {
        const Json data = plugin::eventData(
            Json::object({{"version", 2}, {"changed", Json::array({"name"})}, {"title", "Ada"}, {"before", 1}}));
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"version":2,"changed":["name"]})"), data.dump());
        // And nothing that there is gets lost.
        for (const auto& stored :
             site_.database.read(tenant_, [](storage::Tx& tx) { return storage::eventsAfter(tx, 0, 10'000); }))
            CPPUNIT_ASSERT_EQUAL(stored.event.data.dump(), plugin::eventData(stored.event.data).dump());
    }
    void ownersAllowAndWithdrawOverTheApi() {
        site_.plugins.add(readerPlugin(kReader, {"contact.phones"}));
        const auto set = [&](Browser& who, bool allowed, const std::string& permission = "google-data") {
            return who.send("PUT", "/connections/sharing/" + kReader,
                            Json::object({{"permission", permission}, {"allowed", allowed}}));
        };
        const auto sees = [&] { return told(seenIn(query(readerPlugin(kReader, {"contact.phones"})))); };
        site_.addUser("owner@one.test", "staff@one.test", identity::Role::Staff);
        auto staff = site_.signedIn("staff@one.test");
        const auto item = [](const Answer& answer) { return answer.body.at("items").items().at(0); };
        CPPUNIT_ASSERT(!item(browser_->get("/connections/sharing")).at("allowed").boolean());
        CPPUNIT_ASSERT_EQUAL(200, set(staff, true).status);
        CPPUNIT_ASSERT_EQUAL(std::string(), sees());  // somebody else's word
        const Answer allowed = set(*browser_, true);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(allowed.text, 200, allowed.status);
        CPPUNIT_ASSERT(item(allowed).at("allowed").boolean() && item(allowed).str("provider") == "google");
        CPPUNIT_ASSERT_EQUAL(told({"contact.phones"}), sees());
        CPPUNIT_ASSERT_EQUAL(std::string("sharing " + kReader), site_.sync.calls.back());
        site_.plugins.add(readerPlugin(kReader, {"contact.phones", "contact.notes"}));
        CPPUNIT_ASSERT(!item(browser_->get("/connections/sharing")).at("allowed").boolean());
        CPPUNIT_ASSERT_EQUAL(200, set(*browser_, false).status);
        CPPUNIT_ASSERT_EQUAL(std::string(), sees());
        CPPUNIT_ASSERT_EQUAL(400, set(*browser_, true, "all-data").status);
        browser_->post("/plugins/" + kReader + "/disable");
        CPPUNIT_ASSERT_EQUAL(409, set(*browser_, true).status);
        CPPUNIT_ASSERT_EQUAL(200, set(*browser_, false).status);
        const auto types = site_.eventTypes(tenant_);
        CPPUNIT_ASSERT(std::count(types.begin(), types.end(), "sharing.allowed") == 2 &&
                       std::count(types.begin(), types.end(), "sharing.withdrawn") == 2);
    }

    Site site_;
    std::optional<Browser> browser_;
    TenantId tenant_;
    UserId owner_;
    std::string contact_, appointment_, file_, blob_;
};
CPPUNIT_TEST_SUITE_REGISTRATION(ExitsTest);
