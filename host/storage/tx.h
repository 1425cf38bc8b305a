// SPDX-License-Identifier: Apache-2.0
// What a closure given to Database::read or ::write works with. Confined to that closure and its thread. A Tx reaches
// one tenant's rows: its statements must name :tenant, which it binds itself. A SystemTx spans tenants and is only had
// by saying why. Arguments bind to ?1, ?2, ...: text, integers, instants, ids, optionals, nullptr, Blob.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <set>
#include <vector>

#include "host/storage/connection.h"
#include "host/storage/value.h"

namespace portico::storage {

// What is to happen once a closure's changes are durable.
struct AfterCommit {
    std::vector<std::function<void()>> wake;
    std::set<TenantId> tenants_with_events;
};

class TxBase {
public:
    TxBase(const TxBase&) = delete;
    TxBase& operator=(const TxBase&) = delete;

    template <class... A>
    std::vector<Row> query(std::string_view sql, const A&... args) {
        const std::array<Value, sizeof...(A)> values{toValue(args)...};
        return connection_.query(sql, tenantText(), values);
    }
    // The first row, when there is one.
    template <class... A>
    std::optional<Row> one(std::string_view sql, const A&... args) {
        std::vector<Row> rows = query(sql, args...);
        return rows.empty() ? std::nullopt : std::optional(std::move(rows.front()));
    }
    // Rows changed.
    template <class... A>
    std::int64_t exec(std::string_view sql, const A&... args) {
        const std::array<Value, sizeof...(A)> values{toValue(args)...};
        return connection_.exec(sql, tenantText(), values);
    }

    // Runs on the writer thread once the change is durable and never when it was undone: for waking someone, so it must
    // be short and must not write. Throws Internal in a read.
    void afterCommit(std::function<void()> wake) {
        if (after_ == nullptr) throw Error(Code::Internal, "read_only", "afterCommit in a read: there is no commit");
        after_->wake.push_back(std::move(wake));
    }

protected:
    TxBase(Connection& connection, AfterCommit* after) : connection_(connection), after_(after) {}
    ~TxBase() = default;
    virtual const std::string* tenantText() const = 0;

    Connection& connection_;
    AfterCommit* after_;  // null in a read
};

class Tx final : public TxBase {
public:
    Tx(TenantId tenant, Connection& connection, AfterCommit* after)
        : TxBase(connection, after), tenant_(std::move(tenant)) {
        if (tenant_.empty()) throw Error(Code::Internal, "tenant_rule", "reach the database without a tenant");
    }
    const TenantId& tenant() const { return tenant_; }
    // Called by appendEvent: Database::onEvents listeners hear of this tenant after the commit.
    void eventAppended() {
        if (after_ != nullptr) after_->tenants_with_events.insert(tenant_);
    }

private:
    const std::string* tenantText() const override { return &tenant_.str(); }
    TenantId tenant_;
};

class SystemTx final : public TxBase {
public:
    SystemTx(Connection& connection, AfterCommit* after) : TxBase(connection, after) {}
    // One tenant's view of the same transaction.
    Tx as(const TenantId& tenant) { return Tx(tenant, connection_, after_); }

private:
    const std::string* tenantText() const override { return nullptr; }
};

}  // namespace portico::storage
