// SPDX-License-Identifier: Apache-2.0
// A LocalVault over a FakeGoogle and a clock that moves when told, in a folder of its own, with three plugins.
#pragma once

#include <cppunit/extensions/HelperMacros.h>

#include <filesystem>
#include <functional>
#include <memory>

#include "host/base/error.h"
#include "host/credential/local_vault.h"
#include "tests/unit/credential/fake_google.h"

class VaultFixture : public CppUnit::TestFixture {
public:
    void setUp() override;
    void tearDown() override;

protected:
    static constexpr const char* kContacts = "https://www.googleapis.com/auth/contacts";
    static constexpr const char* kOther = "https://www.googleapis.com/auth/contacts.other.readonly";
    static constexpr const char* kEvents = "https://www.googleapis.com/auth/calendar.events.owned";
    static constexpr const char* kCreated = "https://www.googleapis.com/auth/calendar.app.created";
    static constexpr const char* kSettings = "https://www.googleapis.com/auth/calendar.settings.readonly";
    static constexpr const char* kFreeBusy = "https://www.googleapis.com/auth/calendar.events.freebusy";
    static constexpr const char* kGet = "https://people.googleapis.com/v1/people/c12";

    portico::credential::VaultConfig config() const;
    void restart(portico::credential::VaultConfig config);
    void restart() { restart(config()); }

    portico::credential::BeginRequest beginRequest(const char* plugin) const;
    portico::credential::CompleteRequest answer(const std::string& url, const std::string& code) const;
    // Begins, consents and completes.
    portico::credential::CompleteResult connect(const char* plugin, const char* subject = "zoe",
                                                std::set<std::string> scopes = {});
    portico::credential::LeaseRequest leaseRequest(const portico::ConnectionId& connection,
                                                   const char* plugin = "google-contacts") const;
    // With a lease of its own, as of a call that runs.
    portico::credential::FetchRequest fetchRequest(const portico::ConnectionId& connection, const char* method = "GET",
                                                   const std::string& url = kGet,
                                                   const char* plugin = "google-contacts") const;
    portico::credential::FetchResult get(const portico::ConnectionId& connection) {
        return vault_->fetch(fetchRequest(connection), "", nullptr, nullptr);
    }
    portico::credential::Receipt disconnect(const portico::ConnectionId& connection, bool retry = true) {
        return vault_->disconnect({tenant_, user_, connection, "", retry});
    }
    // The reason of the Error that f throws, or "nothing".
    static std::string reasonOf(const std::function<void()>& f);
    bool onDisk(const std::string& bytes) const;  // in the database, its log, or the other files of the data folder

    const portico::TenantId tenant_{"tenant-a"};
    const portico::UserId user_{"user-1"};
    std::string place_ = "/tmp";
    std::filesystem::path root_;
    portico::ManualClock clock_{portico::parseInstant("2026-11-21T09:00:00Z")};
    std::unique_ptr<FakeGoogle> google_;
    std::unique_ptr<portico::credential::LocalVault> vault_;
};
