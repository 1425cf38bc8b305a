// SPDX-License-Identifier: Apache-2.0
#include "host/storage/database.h"

#include <sys/stat.h>

#include <condition_variable>
#include <mutex>

#include "host/base/call_context.h"
#include "host/base/log.h"
#include "host/storage/migrations.h"
#include "host/storage/writer.h"

namespace portico::storage {
namespace {

constexpr auto kReaderWait = std::chrono::seconds(10);

// Hands out read-only connections; Poco's pool throws at once when it is empty and returns open transactions.
class Readers {
public:
    Readers(const std::filesystem::path& file, int count) {
        for (int i = 0; i < count; ++i) free_.push_back(std::make_unique<Connection>(file, Connection::Mode::Reader));
    }

    std::unique_ptr<Connection> take() {
        std::unique_lock lock(mutex_);
        if (!returned_.wait_for(lock, kReaderWait, [&] { return !free_.empty(); }))
            throw Error(Code::Unavailable, "database_busy", "read the database: every connection is busy", 1'000);
        std::unique_ptr<Connection> connection = std::move(free_.back());
        free_.pop_back();
        return connection;
    }
    void give(std::unique_ptr<Connection> connection) {
        {
            const std::lock_guard lock(mutex_);
            free_.push_back(std::move(connection));
        }
        returned_.notify_one();
    }

private:
    std::mutex mutex_;
    std::condition_variable returned_;
    std::vector<std::unique_ptr<Connection>> free_;
};

// A borrowed reader in a transaction, so that all its statements see one snapshot; always goes back without it.
class Snapshot {
public:
    explicit Snapshot(Readers& readers) : readers_(readers), connection_(readers.take()) {}
    ~Snapshot() {
        try {
            if (connection_->inTransaction()) connection_->script("ROLLBACK");
        } catch (const Error& error) {
            log::error("storage.rollback_failed", {{"error", error.what()}});
        }
        readers_.give(std::move(connection_));
    }
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;
    Connection& connection() { return *connection_; }

private:
    Readers& readers_;
    std::unique_ptr<Connection> connection_;
};

std::unique_ptr<Connection> openWriter(const Database::Options& options) {
    const mode_t before = ::umask(0077);  // the file and its log hold people's data
    std::unique_ptr<Connection> connection;
    try {
        connection = std::make_unique<Connection>(options.file, Connection::Mode::Writer);
    } catch (...) {
        ::umask(before);
        throw;
    }
    ::umask(before);
    checkIntegrity(*connection, options.file);
    std::vector<Migration> all = migrations();
    all.insert(all.end(), options.migrations.begin(), options.migrations.end());
    migrate(*connection, all);
    return connection;
}

}  // namespace

// Destroyed in reverse: the writer stops, the readers close, and the last connection empties the log.
struct Database::Impl {
    explicit Impl(const Options& options)
        : connection(openWriter(options)), readers(options.file, options.readers), writer(*connection) {}

    std::unique_ptr<Connection> connection;
    Readers readers;
    Writer writer;
};

Database::Database(Options options) : impl_(std::make_unique<Impl>(options)) {}
Database::~Database() = default;

void Database::runRead(const std::function<void(Connection&)>& f) {
    Snapshot snapshot(impl_->readers);
    snapshot.connection().script("BEGIN");
    f(snapshot.connection());
}

void Database::runWrite(const WriteClosure& f) { impl_->writer.run(f); }

std::unique_ptr<PendingWrite> Database::startWrite(WriteClosure f) { return impl_->writer.start(std::move(f)); }

void Database::writeLater(WriteClosure f) { impl_->writer.later(std::move(f)); }

void Database::settle() {
    impl_->writer.run([](Connection&, AfterCommit&) {});  // first come, first written
}

void Database::onEvents(std::function<void(const TenantId&)> listener) { impl_->writer.onEvents(std::move(listener)); }

bool Database::full() {
    if (!impl_->writer.full()) return false;
    try {
        runWrite([](Connection& connection, AfterCommit&) {
            const auto version = connection.query("PRAGMA user_version", nullptr, {}).at(0).integer(0);
            connection.script("PRAGMA user_version = " + std::to_string(version));  // writes the first page anew
        });
    } catch (const Error& error) {
        log::debug("storage.still_full", {{"error", error.what()}});
    }
    return impl_->writer.full();
}

void Database::checkpointTruncate() { impl_->writer.checkpointTruncate(); }

}  // namespace portico::storage
