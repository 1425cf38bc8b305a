// SPDX-License-Identifier: Apache-2.0
// The plugin as the sync engine sees it, with Calendar's recorded answers; every request is held against the manifest.
#include <cppunit/extensions/HelperMacros.h>

#include <fstream>
#include <functional>

#include <portico/plugin.hpp>
#include <portico/testing.hpp>

using namespace portico::sdk::testing;

namespace {

const std::string kBase = "https://www.googleapis.com/calendar/v3/";
const std::string kEvents = kBase + "calendars/primary/events";
const std::string kId = "crm0123456789abcdef0123456789abcdef";
const std::string kOther = "crmffffffffffffffffffffffffffffffff";
const std::string kOne = kEvents + "/" + kId;

Json event(const std::string& id = kId, const std::string& etag = "\"1\"",
           const std::string& start = "2026-11-23T09:00:00Z", const std::string& end = "2026-11-23T10:00:00Z",
           const std::string& zone = "Europe/London") {
    return {{"id", id},
            {"etag", etag},
            {"status", "confirmed"},
            {"summary", "Cut"},
            {"start", {{"dateTime", start}, {"timeZone", zone}}},
            {"end", {{"dateTime", end}, {"timeZone", zone}}},
            {"extendedProperties", {{"private", {{"portico", "1"}, {"porticoKind", "appointment"}}}}}};
}
Json record() {
    return Json::parse(
        R"({"@type":"Event","title":"Cut","start":"2026-11-23T09:00:00","timeZone":"Europe/London","duration":"PT1H",
        "showWithoutTime":false,"status":"confirmed","freeBusyStatus":"busy","portico:kind":"appointment"})");
}
Json with(Json object, const Json& more) {
    object.update(more);
    return object;
}
Json change(const std::string& op, const Json& more) { return with({{"op", op}, {"key", "k"}}, more); }
Json error(int code, const std::string& reason) {
    return {{"error", {{"code", code}, {"message", "words"}, {"errors", {{{"reason", reason}}}}}}};
}

}  // namespace

class CalendarTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(CalendarTest);
    CPPUNIT_TEST(theManifestNamesTheSamePlugin);
    CPPUNIT_TEST(collectionsSayWhatCanBeWritten);
    CPPUNIT_TEST(aCalendarOfItsOwnIsMadeOnce);
    CPPUNIT_TEST(aCalendarThatCannotBeOpenedIsAnotherInstallations);
    CPPUNIT_TEST(noSecondCalendarIsMadeWhileGoogleIsAway);
    CPPUNIT_TEST(whoIsBusyInTheirMainCalendarIsBusy);
    CPPUNIT_TEST(theFirstPullListsOnlyOurEvents);
    CPPUNIT_TEST(aLaterPullAsksAgainForAnOverlap);
    CPPUNIT_TEST(foreignEventsAreDroppedAtOnce);
    CPPUNIT_TEST(timesOfAnotherZoneAreAskedForInTheirOwn);
    CPPUNIT_TEST(anAllDayEventIsADate);
    CPPUNIT_TEST(tooOldACursorExpires);
    CPPUNIT_TEST(anInterruptedListingGoesOnAtItsPage);
    CPPUNIT_TEST(tokensAreIdsGoogleAccepts);
    CPPUNIT_TEST(aCreateGoesOutWithItsIdAndWithoutMails);
    CPPUNIT_TEST(aRepeatedCreateIsFoundAndCompared);
    CPPUNIT_TEST(aCreateWhoseEventWasDeletedThereIsGone);
    CPPUNIT_TEST(anUpdateSendsOnlyTheDifferenceAndTheEtag);
    CPPUNIT_TEST(guestsKeepTheirAnswers);
    CPPUNIT_TEST(participantsStayHereWhenTheAdminSaysSo);
    CPPUNIT_TEST(changedThereMeansConflict);
    CPPUNIT_TEST(aRaceLostAtGoogleIsAConflictToo);
    CPPUNIT_TEST(fromTimedToAllDayClearsTheOtherForm);
    CPPUNIT_TEST(deletesAreSafeToRepeat);
    CPPUNIT_TEST(aForeignIdIsNeverAskedFor);
    CPPUNIT_TEST(readSettlesByRefAndToken);
    CPPUNIT_TEST(oneBadEventDoesNotStopTheOthers);
    CPPUNIT_TEST(busyJoinsChunksAndNeverSaysFreeByError);
    CPPUNIT_TEST(busyAsksAtMostFiftyCalendarsAtOnce);
    CPPUNIT_TEST(thePanelComparesAppointmentsWithGoogle);
    CPPUNIT_TEST(aWatchIsAChannelOfTheCalendar);
    CPPUNIT_TEST(onlyItsOwnChannelsNotificationsLeadToAPull);
    CPPUNIT_TEST_SUITE_END();

    FakeHost host;
    FakeCall call;
    std::unique_ptr<PluginUnderTest> plugin;
    Json manifest;

public:
    void setUp() override {
        std::ifstream file(PORTICO_PLUGIN_MANIFEST);
        manifest = Json::parse(file);
        host.http.obey(manifest);
        plugin = std::make_unique<PluginUnderTest>(host);
    }
    void tearDown() override { plugin.reset(); }

private:
    Result pull(const std::string& cursor = "") { return plugin->pull(call, "events", "primary", cursor); }
    Json pushOne(const Json& one) {
        const Result result = plugin->push(call, "events", "primary", {one});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(result.message, PORTICO_OK + 0, result.status);
        return result.lines().at(0);
    }
    void answer(const std::string& method, const std::string& url, const Json& body, int status = 200) {
        host.http.then(method, url, Answer::json(body, status));
    }
    static void same(const Json& expected, const Json& actual) {
        CPPUNIT_ASSERT_EQUAL(expected.dump(1), actual.dump(1));
    }

    // What the panel says of one appointment at 09:00 that is linked so.
    std::string panel(Json links) {
        const Json appointment = {{"id", "a"},
                                  {"start", "2026-11-23T09:00"},
                                  {"starts_at", "2026-11-23T09:00:00Z"},
                                  {"links", std::move(links)}};
        const Json context = {{"time_zone", "Europe/London"}, {"appointments", Json::array({appointment})}};
        return plugin->invoke(call, "client", context).json().dump();
    }
    void thePanelComparesAppointmentsWithGoogle() {
        const auto says = [](const std::string& tree, const char* words) {
            CPPUNIT_ASSERT_MESSAGE(tree, tree.find(words) != std::string::npos);
        };
        const Json link = {{"stream", "events"}, {"collection", "primary"}, {"ref", kId}, {"state", "synced"}};
        answer("GET", kOne, with(event(), {{"htmlLink", "https://www.google.com/calendar/event?eid=x"}}));
        const std::string same = panel(Json::array({link}));
        says(same, "In your calendar as booked");
        says(same, "https://www.google.com/calendar/event?eid=x");
        answer("GET", kOne, event(kId, "\"2\"", "2026-11-24T11:30:00Z", "2026-11-24T12:30:00Z"));
        says(panel(Json::array({link})), "Moved there to 11:30 on 2026-11-24");
        answer("GET", kOne, error(404, "notFound"), 404);
        says(panel(Json::array({link})), "Deleted in Google Calendar");
        says(panel(Json::array()), "Not in your calendar");
        says(panel(Json::array({with(link, {{"state", "failed"}, {"reason", "No rights"}})})), "No rights");
        // An id that this CRM did not make is not asked for.
        says(panel(Json::array({with(link, {{"ref", "foreign"}})})), "In step");
        says(plugin->invoke(call, "client", {{"appointments", Json::array()}}).text, "No appointments to come.");
    }
    void aWatchIsAChannelOfTheCalendar() {
        answer("POST", kEvents + "/watch", {{"resourceId", "r1"}, {"expiration", "1795860000000"}});
        const Json watch = plugin
                               ->watch(call, {{"stream", "events"},
                                              {"collection", "primary"},
                                              {"url", "https://crm.example.org/hooks/s"},
                                              {"channel", "c1"},
                                              {"token", "t1"}})
                               .json();
        same({{"ref", "r1"}, {"expires", "2026-11-28T10:00:00Z"}}, watch);
        same({{"id", "c1"}, {"type", "web_hook"}, {"address", "https://crm.example.org/hooks/s"}, {"token", "t1"}},
             host.http.sent[0].json());
        const Json told = with(watch, {{"channel", "c1"}, {"token", "t1"}});
        answer("POST", kBase + "channels/stop", nullptr, 204);
        CPPUNIT_ASSERT_EQUAL(PORTICO_OK + 0, plugin->unwatch(call, told).status);
        same({{"id", "c1"}, {"resourceId", "r1"}}, host.http.sent[1].json());
        answer("POST", kBase + "channels/stop", error(404, "notFound"), 404);
        CPPUNIT_ASSERT_EQUAL(PORTICO_OK + 0, plugin->unwatch(call, told).status);
    }
    void onlyItsOwnChannelsNotificationsLeadToAPull() {
        const Json watch = {
            {"ref", "r1"}, {"stream", "events"}, {"collection", "primary"}, {"channel", "c1"}, {"token", "t1"}};
        const Json good = {{"x-goog-channel-id", "c1"},
                           {"x-goog-channel-token", "t1"},
                           {"x-goog-resource-id", "r1"},
                           {"x-goog-resource-state", "exists"}};
        const auto receive = [&](const Json& told, const Json& headers) {
            return plugin->receive(call, told, {{"method", "POST"}, {"headers", headers}}, "");
        };
        same({{"stream", "events"}, {"collection", "primary"}}, receive(watch, good).lines().at(0));
        const auto with_state = [&](const char* state) { return with(good, {{"x-goog-resource-state", state}}); };
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, receive(watch, with_state("not_exists")).lines().size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, receive(watch, with_state("sync")).lines().size());
        for (const char* name : {"x-goog-channel-id", "x-goog-channel-token", "x-goog-resource-id"}) {
            const Result refused = receive(watch, with(good, {{name, "other"}}));
            CPPUNIT_ASSERT_EQUAL(PORTICO_E_DENIED + 0, refused.status);
            CPPUNIT_ASSERT_EQUAL(std::string(), refused.text);
        }
        // Google's answer to the watch is not there yet.
        CPPUNIT_ASSERT_EQUAL(PORTICO_OK + 0, receive(with(watch, {{"ref", ""}}), with_state("sync")).status);
        // No token is no token to have in common.
        const Json none = with(watch, {{"token", ""}});
        CPPUNIT_ASSERT_EQUAL(PORTICO_E_DENIED + 0, receive(none, with(good, {{"x-goog-channel-token", ""}})).status);
    }
    void theManifestNamesTheSamePlugin() {
        same(plugin->id(), manifest["id"]);
        same(plugin->version(), manifest["version"]);
        for (const Json& id : manifest["provides"]) CPPUNIT_ASSERT(plugin->offers(id.get<std::string>()));
    }
    void collectionsSayWhatCanBeWritten() {
        answer("GET", kBase + "users/me/calendarList",
               {{"items",
                 {{{"id", "me@gmail.com"},
                   {"summary", "Me"},
                   {"primary", true},
                   {"accessRole", "owner"},
                   {"timeZone", "Europe/London"}},
                  {{"id", "team@group.calendar.google.com"},
                   {"summary", "Team"},
                   {"summaryOverride", "Our team"},
                   {"accessRole", "writer"}}}}});
        const auto lines = plugin->collections(call, "events").lines();
        same("primary", lines[0]["id"]);
        CPPUNIT_ASSERT_EQUAL(true, lines[0]["writable"].get<bool>());
        same("Our team", lines[1]["name"]);
        CPPUNIT_ASSERT_EQUAL(false, lines[1]["writable"].get<bool>());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, host.http.sent.size());
    }

    // ---- where the admin chose a calendar of their own
    static Json marked(const std::string& id, const std::string& tenant, const std::string& role = "owner") {
        return {{"id", id}, {"summary", "x"}, {"accessRole", role}, {"description", "Made for it. portico:" + tenant}};
    }
    std::string writable(const Json& entries, const std::function<void()>& then) {
        host.settings["tenant-a"] = {{"where", "dedicated"}};
        answer("GET", kBase + "users/me/calendarList", {{"items", entries}});
        then();
        const Result result = plugin->collections(call, "events");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(result.message, PORTICO_OK + 0, result.status);
        std::string found;
        for (const Json& line : result.lines())
            if (line["writable"].get<bool>()) found += line["id"].get<std::string>() + " ";
        return found;
    }
    const Json kMain = {{"id", "me@gmail.com"}, {"primary", true}, {"accessRole", "owner"}};
    void aCalendarOfItsOwnIsMadeOnce() {
        const Json others = {kMain, marked("theirs", "tenant-b"), marked("shared", "tenant-a", "writer")};
        same("new@group ", writable(others, [&] { answer("POST", kBase + "calendars", {{"id", "new@group"}}); }));
        const Json made = host.http.sent.back().json();
        CPPUNIT_ASSERT(made["description"].get<std::string>().ends_with("portico:tenant-a"));
        same("new@group ", writable({kMain, marked("new@group", "tenant-a")}, [&] {
                 answer("GET", kBase + "calendars/new@group/events", {{"items", Json::array()}});
             }));
        CPPUNIT_ASSERT_EQUAL(std::size_t{4}, host.http.sent.size());
    }
    void aCalendarThatCannotBeOpenedIsAnotherInstallations() {
        same("new@group ", writable({kMain, marked("old@group", "tenant-a")}, [&] {
                 answer("GET", kBase + "calendars/old@group/events", error(404, "notFound"), 404);
                 answer("POST", kBase + "calendars", {{"id", "new@group"}});
             }));
    }
    void noSecondCalendarIsMadeWhileGoogleIsAway() {
        host.settings["tenant-a"] = {{"where", "dedicated"}};
        answer("GET", kBase + "users/me/calendarList", {{"items", {kMain, marked("old@group", "tenant-a")}}});
        answer("GET", kBase + "calendars/old@group/events", error(503, "backendError"), 503);
        CPPUNIT_ASSERT_EQUAL(PORTICO_E_UNAVAILABLE + 0, plugin->collections(call, "events").status);
    }
    void whoIsBusyInTheirMainCalendarIsBusy() {
        const auto span = [](const char* start, const char* end) { return Json{{"start", start}, {"end", end}}; };
        const auto ask = [&] {
            return plugin->busy(call, {"own@group"}, "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z").lines();
        };
        const Json own = {{"busy", {span("2026-11-21T09:00:00Z", "2026-11-21T10:00:00Z")}}};
        answer(
            "POST", kBase + "freeBusy",
            {{"calendars",
              {{"own@group", own}, {"primary", {{"busy", {span("2026-11-21T10:00:00Z", "2026-11-21T11:00:00Z")}}}}}}});
        same(Json::array(
                 {Json{{"collection", "own@group"}, {"busy", {span("2026-11-21T09:00:00Z", "2026-11-21T11:00:00Z")}}}}),
             Json(ask()));
        answer("POST", kBase + "freeBusy", {{"calendars", {{"own@group", own}}}});
        same("no_answer", ask()[0]["unknown"]);
    }
    void theFirstPullListsOnlyOurEvents() {
        answer("GET", kEvents, {{"timeZone", "Europe/London"}, {"items", {event()}}});
        const Result result = pull();
        CPPUNIT_ASSERT_EQUAL_MESSAGE(result.message, PORTICO_OK + 0, result.status);
        const auto lines = result.lines();
        same(Json{{"op", "upsert"}, {"ref", kId}, {"token", kId}, {"version", "\"1\""}, {"record", record()}},
             lines[0]);
        CPPUNIT_ASSERT_EQUAL(true, lines[1]["full"].get<bool>());
        const Json& query = host.http.sent[0].request["query"];
        same("portico=1", query["privateExtendedProperty"]);
        for (const char* never : {"syncToken", "singleEvents", "updatedMin", "q", "timeMin"})
            CPPUNIT_ASSERT(!query.contains(never));
    }
    void aLaterPullAsksAgainForAnOverlap() {
        answer("GET", kEvents, {{"timeZone", "Europe/London"}, {"items", Json::array()}});
        const std::string cursor = pull().lines().at(0)["cursor"];
        call.now_ms += 3'600'000;
        Json gone = event(kOther, "\"2\"");
        gone["status"] = "cancelled";
        answer("GET", kEvents, {{"timeZone", "Europe/London"}, {"items", {gone}}});
        const auto lines = pull(cursor).lines();
        same(Json{{"op", "remove"}, {"ref", kOther}}, lines[0]);
        CPPUNIT_ASSERT_EQUAL(false, lines[1]["full"].get<bool>());
        same("2026-11-21T08:50:00Z", host.http.sent[1].request["query"]["updatedMin"]);
        same("true", host.http.sent[1].request["query"]["showDeleted"]);
        CPPUNIT_ASSERT(lines[1]["cursor"].get<std::string>().find("2026-11-21T09:50:00Z") != std::string::npos);
    }
    void foreignEventsAreDroppedAtOnce() {
        Json copy = event("4k2j3h4k2j3h4k2j3h4k2j3h");
        copy["summary"] = "CANARY";
        Json occurrence = event(kId + "_20261123T090000Z");
        answer("GET", kEvents, {{"timeZone", "Europe/London"}, {"items", {copy, occurrence}}});
        const Result result = pull();
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, result.lines().size());
        CPPUNIT_ASSERT(result.text.find("CANARY") == std::string::npos);
    }
    void timesOfAnotherZoneAreAskedForInTheirOwn() {
        answer("GET", kEvents,
               {{"timeZone", "America/New_York"},
                {"items", {event(kId, "\"1\"", "2026-11-23T04:00:00-05:00", "2026-11-23T05:30:00-05:00")}}});
        answer("GET", kOne, event(kId, "\"1\"", "2026-11-23T09:00:00Z", "2026-11-23T10:30:00Z"));
        const Json line = pull().lines().at(0);
        same(with(record(), {{"duration", "PT1H30M"}}), line["record"]);
        same("Europe/London", host.http.sent[1].request["query"]["timeZone"]);
    }
    void anAllDayEventIsADate() {
        Json day = event();
        day["start"] = {{"date", "2026-11-23"}};
        day["end"] = {{"date", "2026-11-25"}};
        day["transparency"] = "transparent";
        answer("GET", kEvents, {{"timeZone", "Europe/London"}, {"items", {day}}});
        const Json got = pull().lines().at(0)["record"];
        CPPUNIT_ASSERT_EQUAL(true, got["showWithoutTime"].get<bool>());
        same("2026-11-23T00:00:00", got["start"]);
        same("P2D", got["duration"]);
        same("free", got["freeBusyStatus"]);
        CPPUNIT_ASSERT(!got.contains("timeZone"));
    }
    void tooOldACursorExpires() {
        answer("GET", kEvents, error(410, "updatedMinTooLongAgo"), 410);
        CPPUNIT_ASSERT_EQUAL(std::string("{\"op\":\"expired\"}\n"), pull(R"({"since":"2020-01-01T00:00:00Z"})").text);
    }
    void anInterruptedListingGoesOnAtItsPage() {
        answer("GET", kEvents, {{"timeZone", "Europe/London"}, {"items", {event()}}, {"nextPageToken", "P2"}});
        host.http.then("GET", kEvents, Answer::lost());
        const Result cut = pull();
        CPPUNIT_ASSERT_EQUAL(PORTICO_E_UNAVAILABLE + 0, cut.status);
        call.now_ms += 3'600'000;
        answer("GET", kEvents, {{"timeZone", "Europe/London"}, {"items", {event(kOther)}}});
        const auto lines = pull(cut.lines().back()["cursor"]).lines();
        same("P2", host.http.sent.back().request["query"]["pageToken"]);
        same(Json{{"next", ""}, {"page", ""}, {"since", "2026-11-21T08:50:00Z"}},
             Json::parse(lines[1]["cursor"].get<std::string>()));
    }
    void tokensAreIdsGoogleAccepts() {
        const auto first = plugin->prepare(call, "events", "primary", {{{"key", "a"}, {"op", "create"}}}).lines();
        const auto again = plugin->prepare(call, "events", "primary", {{{"key", "a"}, {"op", "create"}}}).lines();
        const std::string id = first[0]["token"];
        CPPUNIT_ASSERT_EQUAL(std::size_t{35}, id.size());
        CPPUNIT_ASSERT(id.starts_with("crm") &&
                       id.find_first_not_of("0123456789abcdefghijklmnopqrstuv") == std::string::npos);
        CPPUNIT_ASSERT(first[0]["token"] != again[0]["token"]);  // an id once used stays taken at Google
    }
    void aCreateGoesOutWithItsIdAndWithoutMails() {
        // the calendar's zone is another one: the record that comes back is still in the event's own
        answer("POST", kEvents, event(kId, "\"7\"", "2026-11-23T04:00:00-05:00", "2026-11-23T05:00:00-05:00"));
        const Json with_guest = with(
            record(),
            {{"participants", {{"p1", {{"name", "Ada"}, {"email", "ada@x.test"}}}, {"p2", {{"name", "No mail"}}}}}});
        const Json line = pushOne(change("create", {{"token", kId}, {"record", with_guest}}));
        same("ok", line["outcome"]);
        same(kId, line["ref"]);
        same("\"7\"", line["version"]);
        same(record(), line["record"]);
        const Sent& sent = host.http.sent[0];
        same("none", sent.request["query"]["sendUpdates"]);
        same(Json::parse(R"({"id":")" + kId +
                         R"(","summary":"Cut","start":{"dateTime":"2026-11-23T09:00:00","timeZone":"Europe/London"},
             "end":{"dateTime":"2026-11-23T10:00:00","timeZone":"Europe/London"},"attendees":[{"email":"ada@x.test","displayName":"Ada"}],
             "extendedProperties":{"private":{"portico":"1","porticoKind":"appointment"}}})"),
             sent.json());
    }
    void aRepeatedCreateIsFoundAndCompared() {
        answer("POST", kEvents, error(409, "duplicate"), 409);
        answer("GET", kOne, event());
        same("ok", pushOne(change("create", {{"token", kId}, {"record", record()}}))["outcome"]);
        answer("POST", kEvents, error(409, "duplicate"), 409);
        answer("GET", kOne, with(event(), {{"summary", "Moved by hand"}}));
        const Json line = pushOne(change("create", {{"token", kId}, {"record", record()}}));
        same("conflict", line["outcome"]);
        same("Moved by hand", line["record"]["title"]);
    }
    void aCreateWhoseEventWasDeletedThereIsGone() {
        answer("POST", kEvents, error(409, "duplicate"), 409);
        answer("GET", kOne, with(event(), {{"status", "cancelled"}}));
        const Json line = pushOne(change("create", {{"token", kId}, {"record", record()}}));
        same("gone", line["code"]);
        CPPUNIT_ASSERT(!line.contains("record"));
        same("no_token", pushOne(change("create", {{"record", record()}}))["code"]);
    }
    void anUpdateSendsOnlyTheDifferenceAndTheEtag() {
        answer("GET", kOne, event());
        answer("PATCH", kOne, event(kId, "\"2\"", "2026-11-23T14:00:00Z", "2026-11-23T15:00:00Z"));
        const Json moved = with(record(), {{"start", "2026-11-23T14:00:00"}, {"description", "bring photo"}});
        const Json line = pushOne(change("update", {{"ref", kId}, {"version", "\"1\""}, {"record", moved}}));
        same("ok", line["outcome"]);
        same("\"2\"", line["version"]);
        const Sent& sent = host.http.sent[1];
        same("\"1\"", sent.request["headers"]["If-Match"]);
        same(Json::parse(
                 R"({"description":"bring photo","start":{"dateTime":"2026-11-23T14:00:00","timeZone":"Europe/London"},
             "end":{"dateTime":"2026-11-23T15:00:00","timeZone":"Europe/London"}})"),
             sent.json());
        answer("GET", kOne, event());
        same("ok", pushOne(change("update", {{"ref", kId}, {"version", "\"1\""}, {"record", record()}}))["outcome"]);
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, host.http.sent.size());  // nothing to write, nothing written
    }
    void guestsKeepTheirAnswers() {
        Json there = event();
        there["attendees"] =
            Json::parse(R"([{"email":"me@gmail.com","self":true,"organizer":true,"responseStatus":"accepted"},
            {"email":"Ada@x.test","displayName":"Ada","responseStatus":"declined","comment":"ill"},
            {"email":"room@resource.calendar.google.com","resource":true},{"email":"old@x.test"}])");
        answer("GET", kOne, there);
        answer("PATCH", kOne, event(kId, "\"2\""));
        const Json guests = {{"p1", {{"name", "Ada"}, {"email", "ada@x.test"}}}, {"p2", {{"email", "new@x.test"}}}};
        pushOne(change("update",
                       {{"ref", kId}, {"version", "\"1\""}, {"record", with(record(), {{"participants", guests}})}}));
        same(Json::parse(
                 R"({"attendees":[{"email":"me@gmail.com","self":true,"organizer":true,"responseStatus":"accepted"},
            {"email":"room@resource.calendar.google.com","resource":true},
            {"email":"Ada@x.test","displayName":"Ada","responseStatus":"declined","comment":"ill"},{"email":"new@x.test"}]})"),
             host.http.sent[1].json());
        answer("GET", kEvents, {{"timeZone", "Europe/London"}, {"items", {there}}});
        const Json participants = pull().lines().at(0)["record"]["participants"];
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, participants.size());
        same("declined", participants["p1"]["participationStatus"]);
    }
    void participantsStayHereWhenTheAdminSaysSo() {
        host.settings["tenant-a"] = {{"share_participants", false}};
        answer("POST", kEvents, event());
        const Json guests = {{"p1", {{"name", "Ada"}, {"email", "ada@x.test"}}}};
        pushOne(change("create", {{"token", kId}, {"record", with(record(), {{"participants", guests}})}}));
        CPPUNIT_ASSERT(host.http.sent[0].body.find("ada@x.test") == std::string::npos);
    }
    void changedThereMeansConflict() {
        answer("GET", kOne, event(kId, "\"9\"", "2026-11-23T11:00:00Z", "2026-11-23T12:00:00Z"));
        const Json line = pushOne(change("update", {{"ref", kId}, {"version", "\"1\""}, {"record", record()}}));
        same("conflict", line["outcome"]);
        same("\"9\"", line["version"]);
        same("2026-11-23T11:00:00", line["record"]["start"]);
    }
    void aRaceLostAtGoogleIsAConflictToo() {
        answer("GET", kOne, event());
        answer("PATCH", kOne, error(412, "conditionNotMet"), 412);
        answer("GET", kOne, event(kId, "\"2\""));
        same("conflict", pushOne(change("update", {{"ref", kId},
                                                   {"version", "\"1\""},
                                                   {"record", with(record(), {{"title", "Colour"}})}}))["outcome"]);
    }
    void fromTimedToAllDayClearsTheOtherForm() {
        answer("GET", kOne, event());
        answer("PATCH", kOne, with(event(), {{"start", {{"date", "2026-11-23"}}}, {"end", {{"date", "2026-11-24"}}}}));
        Json day = with(record(), {{"showWithoutTime", true}, {"start", "2026-11-23T00:00:00"}, {"duration", "P1D"}});
        day.erase("timeZone");
        same(day, pushOne(change("update",
                                 {{"ref", kId}, {"version", "\"1\""}, {"record", day}, {"base", record()}}))["record"]);
        same(
            Json::parse(
                R"({"start":{"date":"2026-11-23","dateTime":null,"timeZone":null},"end":{"date":"2026-11-24","dateTime":null,"timeZone":null}})"),
            host.http.sent[1].json());
    }
    void deletesAreSafeToRepeat() {
        const Json remove = change("delete", {{"ref", kId}, {"version", "\"1\""}, {"base", record()}});
        answer("GET", kOne, event());
        host.http.then("DELETE", kOne, Answer{204, "", Json::object(), PORTICO_OK});
        same("ok", pushOne(remove)["outcome"]);
        same("\"1\"", host.http.sent[1].request["headers"]["If-Match"]);
        answer("GET", kOne, error(404, "notFound"), 404);
        same("ok", pushOne(remove)["outcome"]);
        answer("GET", kOne, event());
        answer("DELETE", kOne, error(410, "deleted"), 410);
        same("ok", pushOne(remove)["outcome"]);
        answer("GET", kOne, event(kId, "\"2\""));
        same("conflict", pushOne(remove)["outcome"]);
    }
    void aForeignIdIsNeverAskedFor() {
        const auto lines = plugin->read(call, "events", "primary", {{{"ref", "4k2j3h4k2j3h4k2j3h4k2j3h"}}}).lines();
        CPPUNIT_ASSERT_EQUAL(false, lines.at(0)["found"].get<bool>());
        const Result refused = plugin->push(call, "events", "primary", {change("delete", {{"ref", "somebodyelses"}})});
        CPPUNIT_ASSERT_EQUAL(PORTICO_E_INVALID + 0, refused.status);
        CPPUNIT_ASSERT(host.http.sent.empty());
    }
    void readSettlesByRefAndToken() {
        answer("GET", kOne, event());  // in the calendar's zone, whichever that is; then in the event's own
        answer("GET", kOne, event());
        answer("GET", kEvents + "/" + kOther, error(404, "notFound"), 404);
        const auto lines = plugin->read(call, "events", "primary", {{{"ref", kId}}, {{"token", kOther}}}).lines();
        same(record(), lines[0]["record"]);
        same(Json{{"token", kOther}, {"found", false}}, lines[1]);
        same("Europe/London", host.http.sent[2].request["query"]["timeZone"]);
    }
    void oneBadEventDoesNotStopTheOthers() {
        answer("POST", kEvents, error(400, "timeRangeEmpty"), 400);
        answer("POST", kEvents, event(kOther));
        const auto lines = plugin
                               ->push(call, "events", "primary",
                                      {{{"op", "create"}, {"key", "k1"}, {"token", kId}, {"record", record()}},
                                       {{"op", "create"}, {"key", "k2"}, {"token", kOther}, {"record", record()}}})
                               .lines();
        same("refused", lines[0]["outcome"]);
        same("ok", lines[1]["outcome"]);
    }
    void busyJoinsChunksAndNeverSaysFreeByError() {
        const auto span = [](const char* start, const char* end) { return Json{{"start", start}, {"end", end}}; };
        answer("POST", kBase + "freeBusy",
               {{"calendars",
                 {{"primary", {{"busy", Json::array()}}},
                  {"a", {{"busy", {span("2026-12-20T09:00:00Z", "2026-12-21T00:00:00Z")}}}},
                  {"b", {{"errors", {{{"reason", "notFound"}}}}, {"busy", Json::array()}}}}}});
        answer("POST", kBase + "freeBusy",
               {{"calendars",
                 {{"primary", {{"busy", Json::array()}}},
                  {"a", {{"busy", {span("2026-12-21T00:00:00Z", "2026-12-21T08:00:00Z")}}}},
                  {"b", {{"busy", Json::array()}}}}}});
        const Result result = plugin->busy(call, {"a", "b", "c"}, "2026-11-21T00:00:00Z", "2027-01-01T00:00:00Z");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(result.message, PORTICO_OK + 0, result.status);
        const auto lines = result.lines();
        same(Json{{"collection", "a"}, {"busy", {span("2026-12-20T09:00:00Z", "2026-12-21T08:00:00Z")}}}, lines[0]);
        same(Json{{"collection", "b"}, {"unknown", "notFound"}}, lines[1]);
        same(Json{{"collection", "c"}, {"unknown", "no_answer"}}, lines[2]);
        same("2026-12-21T00:00:00Z", host.http.sent[0].json()["timeMax"]);
        answer("POST", kBase + "freeBusy", error(503, "backendError"), 503);
        CPPUNIT_ASSERT_EQUAL(PORTICO_E_UNAVAILABLE + 0,
                             plugin->busy(call, {"a"}, "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z").status);
        CPPUNIT_ASSERT_EQUAL(PORTICO_E_INVALID + 0,
                             plugin->busy(call, {"a"}, "tomorrow", "2026-11-22T00:00:00Z").status);
    }
    void busyAsksAtMostFiftyCalendarsAtOnce() {
        Json ids = Json::array();
        for (int i = 0; i < 120; ++i) ids.push_back("c" + std::to_string(i));
        host.http.always("POST", kBase + "freeBusy", [](const Sent& sent) {
            Json calendars = Json::object();
            const Json body = sent.json();
            for (const Json& item : body["items"]) calendars[item["id"].get<std::string>()] = {{"busy", Json::array()}};
            return Answer::json({{"calendars", calendars}});
        });
        CPPUNIT_ASSERT_EQUAL(std::size_t{120},
                             plugin->busy(call, ids, "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z").lines().size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, host.http.sent.size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{21}, host.http.sent[2].json()["items"].size());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(CalendarTest);
