// SPDX-License-Identifier: Apache-2.0
#include "host/check/strict_host.h"

#include <algorithm>
#include <cstring>

#include "host/base/bytes.h"
#include "host/check/host_functions.h"
#include "host/plugin/schema.h"

namespace portico::check {
namespace {

bool contains(const std::vector<std::string>& list, std::string_view name) {
    return std::find(list.begin(), list.end(), name) != list.end();
}

bool asked(const manifest::Manifest& manifest, std::string_view id) {
    return contains(manifest.requires_host, id) || contains(manifest.optional_host, id);
}

// A struct as a newer host has it: longer, and what it has grown by means nothing to us.
template <class T>
std::string longer(const T& exact) {
    std::string bytes(reinterpret_cast<const char*>(&exact), sizeof exact);
    bytes.append(64, '\xA5');
    const auto size = static_cast<std::uint32_t>(bytes.size());
    std::memcpy(bytes.data(), &size, sizeof size);
    return bytes;
}

template <class T>
std::string bytesOf(const T& exact, bool grown) {
    return grown ? longer(exact) : std::string(reinterpret_cast<const char*>(&exact), sizeof exact);
}

}  // namespace

StrictHost::StrictHost(const manifest::Manifest& manifest, Shape shape)
    : settings(plugin::withDefaults(manifest.settings, Json::object()).dump()), manifest_(manifest), shape_(shape) {
    portico_host exact{};
    exact.struct_size = sizeof exact;
    exact.abi_major = PORTICO_ABI_MAJOR;
    exact.abi_minor = PORTICO_ABI_MINOR;
    exact.version = wire::asStr("portico-plugin-check");
    exact.self = this;
    exact.extension = &HostFunctions::extension;
    exact.log = &HostFunctions::log;
    std::string bytes = bytesOf(exact, shape == Shape::Longer);
    if (shape == Shape::Shorter) {
        bytes.resize(offsetof(portico_host, log));
        const auto size = static_cast<std::uint32_t>(bytes.size());
        std::memcpy(bytes.data(), &size, sizeof size);
    }
    memory_ = std::make_unique<Guarded>(bytes, "its portico_host");
    abi_ = reinterpret_cast<const portico_host*>(memory_->data());
    HostFunctions::add(abi_, this);
    const auto place = [&](std::string_view id, const auto& table) {
        table_memory_.push_back(
            std::make_unique<Guarded>(bytesOf(table, shape == Shape::Longer), "the table " + std::string(id)));
        table_at_.emplace(id, table_memory_.back()->data());
    };
    place(PORTICO_SETTINGS_1, HostFunctions::kSettings);
    place(PORTICO_HTTP_1, HostFunctions::kHttp);
    place(PORTICO_STORE_1, HostFunctions::kStore);
    place(PORTICO_RECORD_1, HostFunctions::kRecord);
    place(PORTICO_BLOB_1, HostFunctions::kBlob);
}

StrictHost::~StrictHost() { HostFunctions::remove(abi_); }

const void* StrictHost::find(std::string_view id) {
    if (!isUtf8(id)) {
        fault("asked the host for an extension whose id is no UTF-8 text");
        return nullptr;
    }
    if (!asked(manifest_, id)) {
        fault("asked the host for " + std::string(id.substr(0, 100)) +
              ", which its manifest does not name under requires.host or requires.optional");
        return nullptr;
    }
    const auto found = table_at_.find(id);
    return found == table_at_.end() || withheld.contains(std::string(id)) ? nullptr : found->second;
}

wire::HostTables StrictHost::tables() const {
    wire::HostTables tables;
    tables.collect([&](std::string_view id) -> const void* {
        const auto found = table_at_.find(id);
        return asked(manifest_, id) && !withheld.contains(std::string(id)) ? found->second : nullptr;
    });
    return tables;
}

std::vector<std::string> StrictHost::faults() const {
    const std::lock_guard lock(mutex_);
    return faults_;
}

void StrictHost::fault(const std::string& words) {
    const std::lock_guard lock(mutex_);
    if (faults_.size() < 20 && !contains(faults_, words)) faults_.push_back(words);
}

int StrictHost::calls(const std::string& function) const {
    const std::lock_guard lock(mutex_);
    const auto found = used_.find(function);
    return found == used_.end() ? 0 : found->second;
}

int StrictHost::logLines() const {
    const std::lock_guard lock(mutex_);
    return log_lines_;
}

std::string StrictHost::logged() const {
    const std::lock_guard lock(mutex_);
    return logged_;
}

std::size_t StrictHost::keptBytes() const {
    constexpr std::size_t kNode = 512;  // what a map's entry, its strings and a file's description take besides
    const std::lock_guard lock(mutex_);
    std::size_t kept = 2 * logged_.size();  // a growing string takes up to twice its size
    for (const auto& [tenant, values] : store_)
        for (const auto& [key, stored] : values) kept += kNode + key.size() + stored.value.size();
    for (const auto& [tenant, blobs] : blobs_)
        for (const auto& [id, blob] : blobs) kept += 2 * kNode + blob.content.size();
    return kept;
}

std::map<std::string, std::map<std::string, std::string>> StrictHost::storeContents() const {
    const std::lock_guard lock(mutex_);
    std::map<std::string, std::map<std::string, std::string>> out;
    for (const auto& [tenant, values] : store_)
        for (const auto& [key, stored] : values) out[tenant][key] = stored.value;
    return out;
}

void StrictHost::setStored(const std::string& tenant, const std::string& key, const std::string& value) {
    const std::lock_guard lock(mutex_);
    Stored& stored = store_[tenant][key];
    stored = {stored.version + 1, value};
}

}  // namespace portico::check
