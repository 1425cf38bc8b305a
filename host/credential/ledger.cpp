// SPDX-License-Identifier: Apache-2.0
#include "host/credential/ledger.h"

#include <fcntl.h>
#include <unistd.h>

#include <sstream>

#include "host/base/error.h"
#include "host/base/fd.h"

namespace portico::credential {
namespace {

namespace fs = std::filesystem;

std::string lineOf(const std::string& tenant, const std::string& connection, std::int64_t version) {
    return tenant + " " + connection + (version == Ledger::kRemoved ? "" : " " + std::to_string(version)) + "\n";
}

}  // namespace

Ledger::Ledger(fs::path file) : file_(std::move(file)) {
    const fs::path before = file_.parent_path() / "erased.log";
    if (!fs::exists(file_) && fs::exists(before)) fs::rename(before, file_);
    if (fs::exists(file_) && !read()) writeFileDurably(file_, text(), 0600);
}

// False when the file is to be written anew: half of it is out of date, or its last line was cut short by a crash.
bool Ledger::read() {
    const std::string all = readFile(file_, 256u << 20);
    std::size_t lines = 0;
    std::istringstream in(all.substr(0, all.rfind('\n') + 1));
    for (std::string line; std::getline(in, line); ++lines) {
        std::istringstream words(line);
        std::string tenant, connection;
        std::int64_t version = 0;
        words >> tenant >> connection;
        if (!(words >> version)) version = kRemoved;
        std::int64_t& known = versions_[{tenant, connection}];
        known = std::max(known, version);
    }
    return all.ends_with('\n') && lines <= 2 * versions_.size() + 100;
}

std::string Ledger::text() const {
    std::string all;
    for (const auto& [key, version] : versions_) all += lineOf(key.first, key.second, version);
    return all;
}

bool Ledger::empty() const {
    const std::lock_guard lock(mutex_);
    return versions_.empty();
}

std::vector<Ledger::Entry> Ledger::entries() const {
    const std::lock_guard lock(mutex_);
    std::vector<Entry> out;
    for (const auto& [key, version] : versions_)
        out.push_back({TenantId(key.first), ConnectionId(key.second), version});
    return out;
}

std::int64_t Ledger::version(const TenantId& tenant, const ConnectionId& connection) const {
    const std::lock_guard lock(mutex_);
    const auto found = versions_.find({tenant.str(), connection.str()});
    return found == versions_.end() ? 0 : found->second;
}

void Ledger::add(const std::vector<Entry>& entries) {
    const std::lock_guard lock(mutex_);
    std::string lines;
    for (const Entry& entry : entries) {
        std::int64_t& known = versions_[{entry.tenant.str(), entry.connection.str()}];
        if (entry.version <= known) continue;
        known = entry.version;
        lines += lineOf(entry.tenant.str(), entry.connection.str(), entry.version);
    }
    if (lines.empty()) return;
    if (!fs::exists(file_)) return writeFileDurably(file_, lines, 0600);  // the folder must know of it, too
    const Fd file(::open(file_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
    if (!file || ::write(file.get(), lines.data(), lines.size()) != static_cast<ssize_t>(lines.size()) ||
        ::fsync(file.get()) != 0)
        throwErrno("note in " + file_.string() + " which connections there are");
}

}  // namespace portico::credential
