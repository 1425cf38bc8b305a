// SPDX-License-Identifier: Apache-2.0
// The marshaller is the C type itself: from a table function's type these templates deduce both the client stub (a real
// C function of exactly that type, writing to the lane of its call) and the server's dispatcher. A parameter type that
// cannot be written to a socket does not compile. Thread-safe (no state of their own).
#pragma once

#include <array>
#include <tuple>
#include <type_traits>

#include "host/base/error.h"
#include "host/wire/core/abi_call.h"

namespace portico::wire {

template <class T>
constexpr bool kIsSink = std::is_same_v<T, portico_sink>;
template <class T>
constexpr bool kIsSpan = std::is_same_v<T, portico_str> || std::is_same_v<T, portico_bytes>;

template <class T>
void encodeArgument(Writer& out, const T& value) {
    static_assert(kIsSink<T> || kIsSpan<T> || std::is_integral_v<T>, "this type cannot cross the plugin ABI");
    if constexpr (kIsSpan<T>)
        out.bytes(view(value));
    else if constexpr (std::is_integral_v<T>)
        out.integer(value);
}

template <class T>
T decodeArgument(Reader& in, Responder& responder, unsigned& sinks) {
    static_assert(kIsSink<T> || kIsSpan<T> || std::is_integral_v<T>, "this type cannot cross the plugin ABI");
    if constexpr (kIsSink<T>) {
        return responder.sink(sinks++);
    } else if constexpr (kIsSpan<T>) {
        const std::string_view bytes = in.bytes();
        return {bytes.data(), bytes.size()};
    } else {
        return in.integer<T>();
    }
}

// Sends an encoded request over the call's lane and stores the reason of a failure where the caller looks for it:
// call->fail of the host's call when a plugin function failed, call->why of the plugin's call when the host did.
portico_status callPeer(AbiCall& call, std::uint16_t method, std::string_view payload,
                        std::span<const portico_sink> sinks, bool plugin_function) noexcept;

template <std::uint16_t Method, class Function>
struct Stub;

template <std::uint16_t Method, class Self, class... A>
struct Stub<Method, portico_status (*)(Self*, const portico_call*, A...)> {
    static constexpr std::size_t kSinks = (std::size_t{0} + ... + (kIsSink<A> ? 1 : 0));
    static_assert(kSinks <= kMaxSinks);

    static portico_status call(Self*, const portico_call* abi, A... arguments) noexcept {
        constexpr bool kPlugin = std::is_same_v<std::remove_const_t<Self>, portico_plugin>;
        try {
            AbiCall& owner = AbiCall::of(abi);
            std::string& payload = owner.lane()->scratch();
            Writer out(payload);
            if constexpr (kPlugin) owner.encode(out);
            (encodeArgument(out, arguments), ...);
            const std::array<portico_sink, kSinks + 1> sinks = collect(arguments...);
            return callPeer(owner, Method, payload, {sinks.data(), kSinks}, kPlugin);
        } catch (...) {
            return PORTICO_E_LIMIT;  // only memory can run out here
        }
    }

private:
    // One more than there are, so that a function without sinks is no special case.
    static std::array<portico_sink, kSinks + 1> collect(const A&... arguments) {
        std::array<portico_sink, kSinks + 1> sinks{};
        [[maybe_unused]] std::size_t next = 0;
        [[maybe_unused]] const auto keep = [&](const auto& argument) {
            if constexpr (kIsSink<std::remove_cvref_t<decltype(argument)>>) sinks[next++] = argument;
        };
        (keep(arguments), ...);
        return sinks;
    }
};

template <class Self, class... A>
portico_status serveFunction(portico_status (*function)(Self*, const portico_call*, A...), Self* self,
                             const portico_call* call, Reader& in, Responder& responder) {
    if (function == nullptr) return PORTICO_E_UNSUPPORTED;
    [[maybe_unused]] unsigned sinks = 0;
    const std::tuple<A...> arguments{decodeArgument<A>(in, responder, sinks)...};
    if (!in.complete()) {
        responder.failure() = {"wire_arguments", "the arguments of a call cannot be read", 0};
        return PORTICO_E_INVALID;
    }
    return std::apply([&](const A&... each) { return function(self, call, each...); }, arguments);
}

}  // namespace portico::wire
