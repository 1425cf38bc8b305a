// SPDX-License-Identifier: Apache-2.0
#include "host/runner/instance.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "host/runner/library.h"

namespace portico::runner {

Instance::Instance(wire::ControlLane& control) : control_(control) {
    host_.struct_size = sizeof host_;
    host_.abi_major = PORTICO_ABI_MAJOR;
    host_.abi_minor = PORTICO_ABI_MINOR;
    host_.version = wire::asStr("portico");
    host_.self = this;
    host_.extension = &Instance::extension;
    host_.log = &Instance::log;
}

void Instance::load(int library_fd) { entry_ = usable(loadLibrary(library_fd)()); }

void Instance::use(const portico_entry* entry) { entry_ = usable(entry); }

portico_status Instance::create(const portico_call* call, wire::Reader& in, wire::Responder& responder) {
    if (entry_ == nullptr || plugin_ != nullptr) return PORTICO_E_CONFLICT;
    wire::HostTables::Masks masks{};
    const auto names = wire::HostTables::names();
    for (auto count = in.integer<std::uint32_t>(); count > 0 && in.ok(); --count) {
        const auto at = std::find(names.begin(), names.end(), in.bytes());
        if (at != names.end()) masks[static_cast<std::size_t>(at - names.begin())] = ~0u;
    }
    if (!in.complete()) return PORTICO_E_INVALID;
    host_tables_.fillStubs(masks);

    portico_plugin* plugin = nullptr;
    if (const portico_status status = entry_->create(&host_, call, &plugin); status != PORTICO_OK) return status;
    if (plugin == nullptr || plugin->struct_size < offsetof(portico_plugin, start)) {
        responder.failure() = {"bad_plugin", "create reported success but gave no plugin", 0};
        return PORTICO_E_INVALID;
    }
    plugin_ = plugin;
    std::memcpy(&lifecycle_, plugin, std::min<std::size_t>(plugin->struct_size, sizeof lifecycle_));
    if (lifecycle_.extension != nullptr)
        tables_.collect([&](std::string_view name) { return lifecycle_.extension(plugin_, wire::asStr(name)); });

    std::string out;
    wire::Writer writer(out);
    for (const std::uint32_t mask : tables_.masks()) writer.integer(mask);
    return responder.write(0, out);
}

void Instance::destroy() {
    if (portico_plugin* plugin = std::exchange(plugin_, nullptr); plugin != nullptr && lifecycle_.destroy != nullptr)
        lifecycle_.destroy(plugin);
    tables_ = {};
}

portico_status Instance::serve(std::uint16_t method, const portico_call* call, wire::Reader& arguments,
                               wire::Responder& responder) {
    if (plugin_ == nullptr) return PORTICO_E_UNAVAILABLE;
    if (method >> 8 == wire::LifecycleTable::kNumber)
        return wire::LifecycleTable::serve(lifecycle_, method & 0xffu, plugin_, call, arguments, responder);
    return tables_.serve(method, plugin_, call, arguments, responder);
}

const void* Instance::extension(const portico_host* host, portico_str id) {
    return static_cast<const Instance*>(host->self)->host_tables_.find(wire::view(id));
}

void Instance::log(const portico_host* host, const portico_call* call, std::int32_t level, portico_str event,
                   portico_str fields) {
    const auto* self = static_cast<const Instance*>(host->self);
    try {
        const std::string line = wire::encodeLog(call != nullptr ? call->id : 0, wire::view(event), wire::view(fields));
        self->control_.send(wire::Kind::Log, 0, line, static_cast<std::uint16_t>(std::clamp(level, 0, 4)));
    } catch (const std::exception&) {
        // Log lines are lossy by contract, and there is nowhere to report this.
    }
}

std::int32_t LaneServer::handle(const wire::Request& request, wire::Responder& responder) {
    if (request.method == wire::kDestroy) {
        instance_.destroy();
        return PORTICO_OK;
    }
    wire::Reader in(request.payload);
    wire::AbiCall call(wire::AbiCall::decode(in, request.deadline_ns), &responder.lane(), &cancelled_);
    current_.store(call.context().id);
    const portico_status status = request.method == wire::kCreate
                                      ? instance_.create(call.abi(), in, responder)
                                      : instance_.serve(request.method, call.abi(), in, responder);
    current_.store(0);
    if (status != PORTICO_OK && responder.failure().empty()) responder.failure() = std::move(call.failed());
    return status;
}

void LaneServer::cancel(std::uint64_t call_id) noexcept {
    if (current_.load() == call_id) cancelled_.store(call_id);
}

}  // namespace portico::runner
