// SPDX-License-Identifier: Apache-2.0
#include "host/crm/contacts.h"

#include <algorithm>

#include "host/api/fields.h"
#include "host/api/resources.h"
#include "host/api/views.h"
#include "host/crm/appointments.h"

namespace portico::api {
namespace {

constexpr int kLongestPage = 200;

Json contactJson(storage::Tx& tx, const crm::Contact& contact) {
    return crm::toJson(contact).set("sync", syncJson(tx, "contact", contact.id));
}

Json cardOf(Call& call) {
    const Json body = call.request.json();
    const Fields fields(body, {"card"});
    return fields.object("card");
}

http::Response listContacts(Call& call) {
    crm::ContactQuery query;
    query.search = call.text("q");
    query.archived = call.flag("archived");
    query.limit = std::min(call.limit(), kLongestPage);
    query.after = call.after();
    return call.read([&](storage::Tx& tx) {
        const auto contacts = crm::Contacts(tx, call.now()).list(call.ctx, query);
        Json items = Json::array();
        for (const crm::Contact& contact : contacts.items) items.push(contactJson(tx, contact));
        return page(std::move(items), contacts.next);
    });
}

http::Response createContact(Call& call) {
    Json card = cardOf(call);
    return call.writeOnce([&](storage::Tx& tx) {
        return created(contactJson(tx, crm::Contacts(tx, call.now()).create(call.ctx, std::move(card))));
    });
}

http::Response getContact(Call& call) {
    return call.read([&](storage::Tx& tx) {
        return versioned(contactJson(tx, crm::Contacts(tx, call.now()).get(call.ctx, call.request.idVar("contactId"))));
    });
}

http::Response replaceContact(Call& call) {
    const std::int64_t expected = call.expectedVersion();
    Json card = cardOf(call);
    return call.write([&](storage::Tx& tx) {
        return versioned(
            contactJson(tx, crm::Contacts(tx, call.now())
                                .update(call.ctx, call.request.idVar("contactId"), expected, std::move(card))));
    });
}

void refuseWhileBooked(Call& call, storage::Tx& tx, const std::string& id) {
    for (const crm::Appointment& appointment : crm::Appointments(tx, call.now()).ofContact(call.ctx, id, 1'000)) {
        if (appointment.status != "confirmed" || appointment.ends_at < call.now()) continue;
        throw Error(Code::Conflict, "contact_in_use",
                    "delete a contact: an appointment on " + appointment.start +
                        " is for them; cancel it first, or archive "
                        "the contact instead");
    }
}

http::Response deleteContact(Call& call) {
    const std::int64_t expected = call.expectedVersion();
    const std::string& id = call.request.idVar("contactId");
    call.write([&](storage::Tx& tx) {
        crm::Contacts contacts(tx, call.now());
        contacts.get(call.ctx, id);
        refuseWhileBooked(call, tx, id);
        contacts.remove(call.ctx, id, expected);
    });
    return http::Response::empty();
}

http::Response archiveContact(Call& call) {
    const Json body = call.request.json();
    const bool archived = Fields(body, {"archived"}).boolean("archived");
    return call.write([&](storage::Tx& tx) {
        return versioned(
            contactJson(tx, crm::Contacts(tx, call.now())
                                .setArchived(call.ctx, call.request.idVar("contactId"), std::nullopt, archived)));
    });
}

}  // namespace

void addContacts(Routes& routes) {
    routes.get("/contacts", listContacts);
    routes.post("/contacts", createContact);
    routes.get("/contacts/{contactId}", getContact);
    routes.put("/contacts/{contactId}", replaceContact);
    routes.del("/contacts/{contactId}", deleteContact);
    routes.post("/contacts/{contactId}/archive", archiveContact);
}

}  // namespace portico::api
