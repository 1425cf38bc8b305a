// SPDX-License-Identifier: Apache-2.0
#include "host/main/demo.h"

#include <vector>

#include "host/crm/appointments.h"
#include "host/crm/block_times.h"
#include "host/crm/catalogue.h"
#include "host/crm/contacts.h"
#include "host/crm/follow_ups.h"
#include "host/crm/notes.h"
#include "host/crm/times.h"
#include "host/identity/links.h"
#include "host/identity/tenants.h"
#include "host/identity/users.h"

namespace portico::app {
namespace {

constexpr const char* kZone = "Europe/London";

struct Person {
    const char *given, *surname, *email, *phone, *note;
};
constexpr Person kClients[] = {
    {"Amelia", "Hart", "amelia.hart@clients.test", "+44 7700 900101", "Allergic to ammonia: colour without it."},
    {"Bashir", "Khan", "bashir.khan@clients.test", "+44 7700 900102", ""},
    {"Chloe", "Nguyen", "chloe.nguyen@clients.test", "+44 7700 900103", "Prefers mornings."},
    {"Daniel", "Okoye", "daniel.okoye@clients.test", "+44 7700 900104", ""},
    {"Elena", "Petrova", "elena.petrova@clients.test", "+44 7700 900105", ""},
    {"Freya", "Lindqvist", "freya.lindqvist@clients.test", "+44 7700 900106", "Bring the copper swatches."},
    {"George", "Whitfield", "george.whitfield@clients.test", "+44 7700 900107", ""},
    {"Hannah", "Müller", "hannah.mueller@clients.test", "+44 7700 900108", ""},
    {"Imani", "Diallo", "imani.diallo@clients.test", "+44 7700 900109", ""},
    {"Jonas", "Berg", "jonas.berg@clients.test", "+44 7700 900110", ""},
    {"Keiko", "Tanaka", "keiko.tanaka@clients.test", "+44 7700 900111", ""},
    {"Liam", "O'Connor", "liam.oconnor@clients.test", "+44 7700 900112", ""},
};

Json cardOf(const Person& person) {
    const auto part = [](const char* kind, const char* value) {
        return Json::object().set("kind", kind).set("value", value);
    };
    return Json::object()
        .set("name",
             Json::object()
                 .set("full", std::string(person.given) + " " + person.surname)
                 .set("components", Json::array({part("given", person.given), part("surname", person.surname)})))
        .set("emails", Json::object().set("e1", Json::object().set("address", person.email)))
        .set("phones", Json::object().set("p1", Json::object().set("number", person.phone)));
}

Json weekOf(const char* from, const char* to, std::vector<const char*> days) {
    Json hours = Json::object();
    for (const char* day : days) hours.set(day, Json::array({Json::object().set("from", from).set("to", to)}));
    return hours;
}

// Fills the tenant of one transaction; the ids found on the way stay in here.
class Seed {
public:
    Seed(storage::Tx& tx, const CallContext& context, Instant now) : tx_(tx), context_(context), now_(now) {}

    void fill(const UserId& owner) {
        addStaff(owner);
        addServices();
        addClients();
        addBookings();
    }

private:
    void addStaff(const UserId& owner) {
        crm::Staff staff(tx_, now_);
        const auto add = [&](const char* name, const char* color, Json hours, std::optional<std::string> user) {
            crm::StaffInput input;
            input.name = name;
            input.color = color;
            input.working_hours = std::move(hours);
            input.user_id = std::move(user);
            staff_.push_back(staff.create(context_, input).id);
        };
        const std::vector<const char*> all{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
        add("Dana", "#0f766e", weekOf("09:00", "17:30", all), owner.str());
        add("Mia", "#7c3aed", weekOf("10:00", "18:00", all), std::nullopt);
        add("Noah", "#c2410c", weekOf("08:30", "16:00", all), std::nullopt);
    }

    void addServices() {
        crm::Services services(tx_, now_);
        const auto add = [&](const char* name, int minutes, int buffer, int price_cents, const char* color) {
            crm::ServiceInput input;
            input.name = name;
            input.duration_minutes = minutes;
            input.buffer_minutes = buffer;
            input.price_cents = price_cents;
            input.color = color;
            services_.push_back(services.create(context_, input).id);
        };
        add("Cut and finish", 45, 5, 4200, "#0f766e");
        add("Colour", 90, 15, 9500, "#7c3aed");
        add("Beard trim", 20, 5, 1800, "#c2410c");
        add("Consultation", 15, 0, 0, "#475569");
    }

    void addClients() {
        crm::Contacts contacts(tx_, now_);
        for (const Person& person : kClients) {
            clients_.push_back(contacts.create(context_, cardOf(person)).id);
            if (*person.note != '\0') crm::Notes(tx_, now_).create(context_, clients_.back(), person.note);
        }
    }

    void book(int days, const char* time, std::size_t staff, std::size_t service, std::size_t client) {
        crm::AppointmentInput input;
        input.contact_ids = {clients_[client]};
        input.service_id = services_[service];
        input.staff_id = staff_[staff];
        input.start = day(days) + "T" + time;
        input.time_zone = kZone;
        crm::Appointments(tx_, now_).create(context_, input);
    }

    void addBookings() {
        book(0, "09:30", 0, 0, 0), book(0, "11:00", 0, 1, 5), book(0, "15:00", 0, 0, 2);
        book(0, "10:30", 1, 0, 3), book(0, "14:00", 1, 1, 7);
        book(0, "09:00", 2, 2, 1), book(0, "09:45", 2, 2, 6), book(0, "13:00", 2, 0, 9);
        book(1, "10:00", 0, 0, 8), book(1, "12:00", 1, 0, 10), book(1, "09:00", 2, 2, 11);
        book(3, "10:00", 0, 1, 4), book(5, "11:00", 1, 1, 0);
        for (int days = 0; days < 5; ++days) {
            crm::BlockTimeInput lunch;
            lunch.staff_id = staff_[0];
            lunch.title = "Lunch";
            lunch.start = day(days) + "T13:00";
            lunch.time_zone = kZone;
            lunch.duration_minutes = 45;
            crm::BlockTimes(tx_, now_).create(context_, lunch);
        }
        crm::FollowUpInput call;
        call.contact_id = clients_[5];
        call.staff_id = staff_[0];
        call.title = "Ask how the colour holds";
        call.date = day(7);
        call.time_zone = kZone;
        crm::FollowUps(tx_, now_).create(context_, call);
    }

    std::string day(int days) const { return crm::toLocal(now_ + std::chrono::days(days), kZone).substr(0, 10); }

    storage::Tx& tx_;
    const CallContext& context_;
    Instant now_;
    std::vector<std::string> staff_, services_, clients_;
};

}  // namespace

std::optional<CallContext> seedDemo(storage::Database& database, identity::Links& links,
                                    identity::PasswordHasher& hasher, const Clock& clock, const std::string& password,
                                    bool password_is_new) {
    const auto tenants = database.readSystem("the demo tenant is looked for", identity::allTenants);
    for (const identity::Tenant& tenant : tenants) {
        if (tenant.slug != "demo") continue;
        if (!password_is_new) return std::nullopt;
        const CallContext context = CallContext::system(tenant.id, "demo");
        const std::string hash = hasher.hash(password);
        database.write(tenant.id, [&](storage::Tx& tx) {
            identity::Users users(tx, clock.now());
            for (const identity::User& user : users.list(context))
                if (user.email == kDemoOwner) users.setPasswordHash(context, user.id, hash);
        });
        return std::nullopt;
    }
    identity::TenantInput tenant;
    tenant.name = "Demo Salon";
    tenant.slug = "demo";
    tenant.time_zone = kZone;
    const identity::User owner = links.createTenant("demo", tenant, {kDemoOwner, "Dana Owner", password, true});
    CallContext context = CallContext::system(owner.tenant, "demo");
    context.actor.user = owner.id;
    database.write(owner.tenant, [&](storage::Tx& tx) { Seed(tx, context, clock.now()).fill(owner.id); });
    return context;
}

}  // namespace portico::app
