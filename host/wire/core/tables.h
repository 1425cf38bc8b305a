// SPDX-License-Identifier: Apache-2.0
// Every function of the plugin ABI, one line each: its number on the wire is its table's number and its place in the
// line. Numbers are private to a build, so lines may be reordered; the C header may not.
// TableSet is one side's complete set: stubs on the side that calls, the real functions on the side that serves.
// Confined to whoever owns it until filled; read-only and thread-safe after that.
#pragma once

#include <algorithm>
#include <cstring>
#include <utility>

#include "host/wire/core/marshal.h"

namespace portico::wire {

template <std::uint8_t Number, class T, auto... Functions>
struct Table {
    using Type = T;
    static constexpr std::uint8_t kNumber = Number;
    static constexpr std::uint16_t method(std::size_t place) { return static_cast<std::uint16_t>(Number << 8 | place); }

    // Stubs for the functions whose bit is set, as the peer told.
    static void fillStubs(T& table, std::uint32_t mask) {
        table.struct_size = sizeof(T);
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            ((table.*Functions = (mask >> I & 1) != 0 ? &Stub<method(I), function_t<Functions>>::call : nullptr), ...);
        }
        (std::make_index_sequence<sizeof...(Functions)>());
    }
    static std::uint32_t mask(const T& table) {
        std::uint32_t bits = 0, bit = 1;
        ((bits |= table.*Functions != nullptr ? bit : 0, bit <<= 1), ...);
        return bits;
    }
    template <class Self>
    static portico_status serve(const T& table, std::size_t place, Self* self, const portico_call* call, Reader& in,
                                Responder& responder) {
        portico_status status = PORTICO_E_UNSUPPORTED;
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            ((place == I ? void(status = serveFunction(table.*Functions, self, call, in, responder)) : void()), ...);
        }
        (std::make_index_sequence<sizeof...(Functions)>());
        return status;
    }

private:
    template <auto Function>
    using function_t = std::remove_cvref_t<decltype(std::declval<T&>().*Function)>;
};

struct SettingsTable : Table<1, portico_settings_1, &portico_settings_1::get> {
    static constexpr std::string_view kName = PORTICO_SETTINGS_1;
};
struct HttpTable : Table<2, portico_http_1, &portico_http_1::fetch> {
    static constexpr std::string_view kName = PORTICO_HTTP_1;
};
struct StoreTable : Table<3, portico_store_1, &portico_store_1::get, &portico_store_1::scan, &portico_store_1::write> {
    static constexpr std::string_view kName = PORTICO_STORE_1;
};
struct RecordTable : Table<4, portico_record_1, &portico_record_1::query, &portico_record_1::write> {
    static constexpr std::string_view kName = PORTICO_RECORD_1;
};
struct BlobTable : Table<5, portico_blob_1, &portico_blob_1::stat, &portico_blob_1::create, &portico_blob_1::read,
                         &portico_blob_1::write> {
    static constexpr std::string_view kName = PORTICO_BLOB_1;
};
struct SyncTable : Table<6, portico_sync_1, &portico_sync_1::collections, &portico_sync_1::pull,
                         &portico_sync_1::prepare, &portico_sync_1::push, &portico_sync_1::read> {
    static constexpr std::string_view kName = PORTICO_SYNC_1;
};
struct EventTable : Table<7, portico_event_1, &portico_event_1::consume> {
    static constexpr std::string_view kName = PORTICO_EVENT_1;
};
struct ActionTable : Table<8, portico_action_1, &portico_action_1::invoke> {
    static constexpr std::string_view kName = PORTICO_ACTION_1;
};
struct AvailabilityTable : Table<9, portico_availability_1, &portico_availability_1::busy> {
    static constexpr std::string_view kName = PORTICO_AVAILABILITY_1;
};
struct WebhookTable : Table<10, portico_webhook_1, &portico_webhook_1::watch, &portico_webhook_1::unwatch,
                            &portico_webhook_1::receive> {
    static constexpr std::string_view kName = PORTICO_WEBHOOK_1;
};
// start and stop have the shape of table functions; create and destroy are the runner's own methods.
struct LifecycleTable : Table<11, portico_plugin, &portico_plugin::start, &portico_plugin::stop> {
    static constexpr std::string_view kName = "portico.plugin/1";
};
constexpr std::uint16_t kCreate = 0x0c00;  // payload: call, names of the host tables; reply: which functions there are
constexpr std::uint16_t kDestroy = 0x0c01;

template <class... Tables>
class TableSet {
public:
    static constexpr std::size_t kCount = sizeof...(Tables);
    using Masks = std::array<std::uint32_t, kCount>;

    // Takes over a peer's table, which may be shorter (an older minor) or longer (a newer one) than ours.
    template <class T>
    void set(const typename T::Type* table) {
        auto& mine = std::get<typename T::Type>(tables_);
        mine = {};
        if (table == nullptr) return;
        std::memcpy(&mine, table, std::min<std::size_t>(table->struct_size, sizeof mine));
        mine.struct_size = sizeof mine;
    }
    // Asks find(name) for every table: how a plugin's extension() is read.
    template <class Find>
    void collect(Find&& find) {
        (set<Tables>(static_cast<const typename Tables::Type*>(find(Tables::kName))), ...);
    }
    // A table without any function does not exist for whoever asks.
    const void* find(std::string_view name) const {
        const void* found = nullptr;
        ((name == Tables::kName && Tables::mask(get<Tables>()) != 0 ? void(found = &get<Tables>()) : void()), ...);
        return found;
    }
    template <class T>
    const typename T::Type& get() const {
        return std::get<typename T::Type>(tables_);
    }

    Masks masks() const { return {Tables::mask(get<Tables>())...}; }
    void fillStubs(const Masks& masks) {
        std::size_t at = 0;
        (Tables::fillStubs(std::get<typename Tables::Type>(tables_), masks[at++]), ...);
    }
    static constexpr std::array<std::string_view, kCount> names() { return {Tables::kName...}; }

    template <class Self>
    portico_status serve(std::uint16_t method, Self* self, const portico_call* call, Reader& in,
                         Responder& responder) const {
        portico_status status = PORTICO_E_UNSUPPORTED;
        ((method >> 8 == Tables::kNumber
              ? void(status = Tables::serve(get<Tables>(), method & 0xffu, self, call, in, responder))
              : void()),
         ...);
        return status;
    }

private:
    std::tuple<typename Tables::Type...> tables_{};
};

using HostTables = TableSet<SettingsTable, HttpTable, StoreTable, RecordTable, BlobTable>;
using PluginTables = TableSet<SyncTable, EventTable, ActionTable, AvailabilityTable, WebhookTable>;

}  // namespace portico::wire
