// SPDX-License-Identifier: Apache-2.0
#include "host/api/subject_title.h"

#include "host/crm/appointments.h"
#include "host/crm/block_times.h"
#include "host/crm/catalogue.h"
#include "host/crm/files.h"
#include "host/crm/follow_ups.h"

namespace portico::api {
namespace {

std::string bookingTitle(Call& call, storage::Tx& tx, Names& names, const std::string& id) {
    const auto booking = crm::Appointments(tx, call.now()).find(call.ctx, id);
    if (!booking) return "";
    std::string title = booking->title;
    for (const std::string& contact : booking->contact_ids)
        if (const std::string name = names.contact(contact); !name.empty())
            title += (title.empty() ? "" : " – ") + name;
    return title;
}

}  // namespace

std::string subjectTitle(Call& call, storage::Tx& tx, Names& names, const PluginNames& plugins, const std::string& kind,
                         const std::string& id, const Json& data) {
    const Instant now = call.now();
    try {
        if (kind == "contact") return names.contact(id);
        if (kind == "note") return names.contact(data.getStr("contactId"));
        if (kind == "user") return names.actor(id);  // a session is its actor's: the sentence has said who
        if (kind == "appointment") return bookingTitle(call, tx, names, id);
        if (kind == "plugin") return plugins.of(id);
        if (kind == "connection") return plugins.of(data.getStr("plugin"));
        if (kind == "service") return crm::Services(tx, now).get(call.ctx, id).name;
        if (kind == "staff") return crm::Staff(tx, now).get(call.ctx, id).name;
        if (kind == "file") return crm::Files(tx, now).get(call.ctx, id).name;
        if (const auto block = kind == "block-time" ? crm::BlockTimes(tx, now).find(call.ctx, id) : std::nullopt)
            return block->title;
        if (const auto follow_up = kind == "follow-up" ? crm::FollowUps(tx, now).find(call.ctx, id) : std::nullopt)
            return follow_up->title;
    } catch (const Error& error) {
        if (error.code() != Code::NotFound) throw;  // deleted since: the event still tells that it was
    }
    return "";
}

}  // namespace portico::api
