// SPDX-License-Identifier: Apache-2.0
// `portico backup` and `portico restore`. A backup is a folder with the two databases, the files and the installed
// plugins. It holds neither the vault's key, so that who finds a backup finds no token, nor the vault's ledger
// (credential/ledger.h), so that what was removed after a backup stays removed when it is restored.
#include <sys/stat.h>

#include <filesystem>
#include <iostream>
#include <optional>

#include "host/base/clock.h"
#include "host/base/error.h"
#include "host/base/fd.h"
#include "host/base/json.h"
#include "host/main/commands.h"
#include "host/storage/copy.h"
#include "host/storage/data_directory.h"

namespace portico::app {
namespace {

namespace fs = std::filesystem;
// Written last: a backup without it was cut short.
constexpr const char* kLabel = "backup.json";
struct Part {
    const char* room;
    const char* database;
};
constexpr Part kDatabases[] = {{"crm", "portico.db"}, {"vault", "vault.db"}};
constexpr const char* kFolders[] = {"crm/blobs", "plugins"};

void copyFolders(const fs::path& from, const fs::path& to) {
    for (const char* folder : kFolders) {
        fs::remove_all(to / folder);
        if (!fs::exists(from / folder)) continue;
        fs::create_directories((to / folder).parent_path());
        fs::copy(from / folder, to / folder, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
    }
}

Json labelOf(const fs::path& backup) {
    if (!fs::exists(backup / kLabel))
        throw Error(Code::NotFound, "no_backup", backup.string() + " is not a whole backup: " + kLabel + " is missing");
    Json label = Json::parse(readFile(backup / kLabel, 4096));
    if (label.integer("format") != 1)
        throw Error(Code::Unsupported, "backup_format",
                    backup.string() + " was made by a newer Portico: restore it with that one");
    return label;
}

fs::path freshCopy(const fs::path& data, const Part& part) {
    return data / part.room / (std::string(part.database) + ".new");
}

// In place of the old file, whose log must not be taken for the new one's.
void swapIn(const fs::path& data, const Part& part, const std::string& made) {
    const fs::path file = data / part.room / part.database;
    writeFileDurably(data / part.room / storage::kRestoredMark, made.substr(0, 10), 0600);
    for (const char* log : {"-wal", "-shm"}) fs::remove(file.string() + log);
    fs::rename(freshCopy(data, part), file);
}

}  // namespace

int backup(Arguments& arguments) {
    const fs::path to = arguments.positional("the folder to make"), data = arguments.required("data");
    arguments.finish();
    if (fs::exists(to) && !fs::is_empty(to))
        throw Error(Code::Conflict, "folder_used", to.string() + " is not empty: name a new folder for each backup");
    ::umask(077);
    const std::string made = formatInstant(SystemClock().now());
    for (const Part& part : kDatabases) {
        fs::create_directories(to / part.room);
        storage::copyDatabase(data / part.room / part.database, to / part.room / part.database);
    }
    // After the database: a file that it names was there then, unless its owner has removed it since.
    copyFolders(data, to);
    writeFileDurably(to / kLabel, Json::object({{"format", 1}, {"made", made}}).dump() + "\n", 0600);
    std::cout
        << to.string() << " holds the data of " << data.string() << " as of " << made << "\n"
        << "It does not hold the vault's key file: keep a copy of that elsewhere (portico vault export-escrow).\n";
    return 0;
}

int restore(Arguments& arguments) {
    const fs::path from = arguments.positional("the backup's folder"), data = arguments.required("data");
    const bool replace = arguments.flag("replace");
    arguments.finish();
    const std::string made = labelOf(from).str("made");
    ::umask(077);
    const storage::DataDirectory alone(data);
    for (const Part& part : kDatabases)
        if (fs::exists(data / part.room / part.database) && !replace)
            throw Error(Code::Conflict, "data_there",
                        data.string() +
                            " holds data already. Make a backup of it if you may want it back, then "
                            "restore with --replace");
    // Nothing is replaced before all of the backup was found whole.
    for (const Part& part : kDatabases) {
        fs::create_directories(data / part.room);
        fs::remove(freshCopy(data, part));
        storage::copyDatabase(from / part.room / part.database, freshCopy(data, part));
    }
    for (const Part& part : kDatabases) swapIn(data, part, made);
    copyFolders(from, data);
    std::cout << "restored as of " << made << ". Everyone signs in again.\n";
    const fs::path vault = data / "vault";
    if (fs::exists(vault / "ledger") || fs::exists(vault / "erased.log"))
        std::cout << "Connections that were removed since then stay removed.\n";
    else
        std::cout << "warning: " << (vault / "ledger").string()
                  << " is missing, so nothing tells which connections were removed since then: all of them wait until "
                     "their owners connect again. If you have the file, put it there before the next start.\n";
    if (!fs::exists(vault / "vault.key"))
        std::cout << "The vault's key file is not in a backup: put it back as " << (vault / "vault.key").string()
                  << ", unless vault.key_file names another.\n";
    return 0;
}

}  // namespace portico::app
