// SPDX-License-Identifier: Apache-2.0
// The checker's end of a plugin's output: takes so many bytes and then refuses, and notices every write that should not
// be. A sink is never freed, so that a plugin which kept one is found out instead of corrupting something. One call,
// one thread, until closed.
#pragma once

#include <string>

#include "host/check/judge.h"

namespace portico::check {

class StrictHost;

constexpr std::int64_t kMaxOutput = 64 << 20;  // of one call; more than the host would ever read at once

class Sink {
public:
    // takes: bytes until it refuses with `refusal`; kMaxOutput and more is a fault of the plugin.
    static Sink& make(StrictHost& host, std::string what, std::int64_t takes, portico_status refusal);

    portico_sink abi() { return {this, &Sink::write}; }
    // No write may come from now on; what came is moved into the reply.
    void close(Reply& reply);

private:
    Sink(StrictHost& host, std::string what, std::int64_t takes, portico_status refusal)
        : host_(host), what_(std::move(what)), takes_(takes), refusal_(refusal) {}
    static portico_status write(void* self, portico_bytes chunk);
    portico_status take(portico_bytes chunk);

    StrictHost& host_;
    std::string what_, got_;
    std::int64_t takes_;
    portico_status refusal_, refused_ = 0;
    int after_refusal_ = 0;
    bool closed_ = false;
};

}  // namespace portico::check
