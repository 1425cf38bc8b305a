// SPDX-License-Identifier: Apache-2.0
// One SQLite file: readers each see one snapshot, one writer thread commits in groups. Thread-safe.
// Invariants: write() returns only when the change is durable (synchronous=FULL); a closure that throws changes nothing
// and its exception comes out here; a closure never sees another tenant's rows unless it said why (…System).
// Closures must not call out (HTTP, plugins): they hold a reader or the writer.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "host/storage/migration.h"
#include "host/storage/pending_write.h"
#include "host/storage/tx.h"

namespace portico::storage {

class Database {
public:
    struct Options {
        std::filesystem::path file;
        std::vector<Migration> migrations;  // storage's own come first by themselves
        int readers = 4;
    };

    // Opens or creates, checks, migrates. Throws Internal "database_corrupt" or Unsupported "database_newer" and leaves
    // such a file as it is.
    explicit Database(Options options);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    // f(Tx&) on a read-only connection.
    template <class F>
    auto read(const TenantId& tenant, F&& f) {
        return result<std::invoke_result_t<F&, Tx&>>([&](auto&& keep) {
            runRead([&](Connection& connection) {
                Tx tx(tenant, connection, nullptr);
                keep(f, tx);
            });
        });
    }
    // f(Tx&) on the writer thread.
    template <class F>
    auto write(const TenantId& tenant, F&& f) {
        return result<std::invoke_result_t<F&, Tx&>>([&](auto&& keep) {
            runWrite([&](Connection& connection, AfterCommit& after) {
                Tx tx(tenant, connection, &after);
                keep(f, tx);
            });
        });
    }
    // Starts f(Tx&) on the writer thread and goes on. What f refers to must outlive the result.
    template <class F>
    [[nodiscard]] std::unique_ptr<PendingWrite> startWrite(const TenantId& tenant, F f) {
        return startWrite(closureOf(tenant, std::move(f)));
    }
    // As startWrite(), and nobody waits: a failure is logged, and a crash in the next moment loses the change. f must
    // own what it refers to.
    template <class F>
    void writeLater(const TenantId& tenant, F f) {
        writeLater(closureOf(tenant, std::move(f)));
    }
    // Returns when whatever was started before is durable or has failed.
    void settle();
    // f(SystemTx&); `why` says, for the reader of the code, why this spans tenants.
    template <class F>
    auto readSystem([[maybe_unused]] const char* why, F&& f) {
        return result<std::invoke_result_t<F&, SystemTx&>>([&](auto&& keep) {
            runRead([&](Connection& connection) {
                SystemTx tx(connection, nullptr);
                keep(f, tx);
            });
        });
    }
    template <class F>
    auto writeSystem([[maybe_unused]] const char* why, F&& f) {
        return result<std::invoke_result_t<F&, SystemTx&>>([&](auto&& keep) {
            runWrite([&](Connection& connection, AfterCommit& after) {
                SystemTx tx(connection, &after);
                keep(f, tx);
            });
        });
    }

    // Empties the write-ahead log into the file, so that bytes just deleted are nowhere on disk.
    void checkpointTruncate();

    // Whether changes cannot be made for want of space. Once one has failed, this tries again with a small one.
    bool full();

    // `listener` is called on the writer thread, after the commit, with each tenant that got new events: to wake event
    // delivery and event streams. It must be short, must not write, and must outlive this object.
    void onEvents(std::function<void(const TenantId&)> listener);

private:
    template <class R, class Run>
    static R result(Run&& run) {
        if constexpr (std::is_void_v<R>) {
            run([](auto& f, auto& tx) { f(tx); });
        } else {
            std::optional<R> kept;
            run([&](auto& f, auto& tx) { kept.emplace(f(tx)); });
            return std::move(*kept);
        }
    }
    using WriteClosure = std::function<void(Connection&, AfterCommit&)>;

    template <class F>
    static WriteClosure closureOf(const TenantId& tenant, F f) {
        return [tenant, f = std::move(f)](Connection& connection, AfterCommit& after) {
            Tx tx(tenant, connection, &after);
            f(tx);
        };
    }
    void runRead(const std::function<void(Connection&)>& f);
    void runWrite(const WriteClosure& f);
    std::unique_ptr<PendingWrite> startWrite(WriteClosure f);
    void writeLater(WriteClosure f);

    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace portico::storage
