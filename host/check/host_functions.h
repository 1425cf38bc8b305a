// SPDX-License-Identifier: Apache-2.0
// The C functions behind StrictHost's tables: each finds the call it was given, checks that it may be used here and
// now, and answers from memory. Thread-safe.
#pragma once

#include "host/check/strict_host.h"

namespace portico::check {

struct HostFunctions {
    using Host = const portico_host*;
    using Call = const portico_call*;

    static const void* extension(Host host, portico_str id);
    static void log(Host host, Call call, std::int32_t level, portico_str event, portico_str fields);

    static portico_status settingsGet(Host, Call, portico_sink json);
    static portico_status httpFetch(Host, Call, portico_str request, portico_bytes body, portico_sink head,
                                    portico_sink content);
    static portico_status storeGet(Host, Call, portico_str key, portico_sink version, portico_sink value);
    static portico_status storeScan(Host, Call, portico_str prefix, portico_str after, std::uint32_t limit,
                                    portico_sink lines);
    static portico_status storeWrite(Host, Call, portico_bytes ops);
    static portico_status recordQuery(Host, Call, portico_str query, portico_sink lines);
    static portico_status recordWrite(Host, Call, portico_bytes changes, portico_sink stored);
    static portico_status blobStat(Host, Call, portico_str id, portico_sink json);
    static portico_status blobCreate(Host, Call, portico_str meta, portico_sink id);
    static portico_status blobRead(Host, Call, portico_str id, std::uint64_t offset, std::uint64_t length,
                                   portico_sink content);
    static portico_status blobWrite(Host, Call, portico_str id, std::uint64_t offset, portico_bytes content);

    static constexpr portico_settings_1 kSettings{sizeof(portico_settings_1), 0, settingsGet};
    static constexpr portico_http_1 kHttp{sizeof(portico_http_1), 0, httpFetch};
    static constexpr portico_store_1 kStore{sizeof(portico_store_1), 0, storeGet, storeScan, storeWrite};
    static constexpr portico_record_1 kRecord{sizeof(portico_record_1), 0, recordQuery, recordWrite};
    static constexpr portico_blob_1 kBlob{sizeof(portico_blob_1), 0, blobStat, blobCreate, blobRead, blobWrite};

    // The hosts that exist, by the address that plugins know them by.
    static void add(Host address, StrictHost* host);
    static void remove(Host address);

private:
    struct Refusal;
    static StrictHost* hostAt(Host address);
    static void give(const StrictHost& host, portico_sink sink, std::string_view bytes);
    template <class F>
    static portico_status serve(Host address, Call call, const char* function, F&& body);
    static void checkEgress(StrictHost& host, const LiveCall& call, const Json& request);
    static StrictHost::Blob& blob(StrictHost& host, const std::string& tenant, portico_str id);
};

}  // namespace portico::check
