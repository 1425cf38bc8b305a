// SPDX-License-Identifier: Apache-2.0
#include "host/credential/custody_verbs.h"

#include <getopt.h>

#include <iostream>

#include "host/base/error.h"
#include "host/base/fd.h"
#include "host/base/passphrase.h"
#include "host/credential/config.h"
#include "host/credential/custody.h"
#include "host/storage/data_directory.h"

namespace portico::credential {
namespace {

namespace fs = std::filesystem;

struct Words {
    std::string verb;
    fs::path data, key_file, passphrase_file, new_passphrase_file, out;
    bool drop_old = false, clear = false;
};

constexpr const char* kUsage =
    "usage: portico vault VERB --data DIR [--key FILE] [--passphrase-file FILE]\n"
    "  status                                   which keys there are, and what they seal\n"
    "  verify                                   opens every sealed record; says which do not open\n"
    "  rotate [--drop-old]                      a new root key; --drop-old forgets the one before\n"
    "  rewrap                                   new keys below the root, everything sealed anew\n"
    "  export-escrow --out FILE [--new-passphrase-file FILE]\n"
    "                                           the root key under a passphrase of its own, for a safe\n"
    "  passphrase [--new-passphrase-file FILE | --none]\n"
    "                                           seals the key file under a passphrase, or stops that\n"
    "Portico must be stopped. The key file is the configured one, or --key.\n";

[[noreturn]] void usage() { throw Error(Code::Invalid, "usage", kUsage); }

Words readWords(int argc, char** argv) {
    static const option kOptions[] = {{"data", required_argument, nullptr, 'd'},
                                      {"key", required_argument, nullptr, 'k'},
                                      {"passphrase-file", required_argument, nullptr, 'p'},
                                      {"new-passphrase-file", required_argument, nullptr, 'n'},
                                      {"out", required_argument, nullptr, 'o'},
                                      {"drop-old", no_argument, nullptr, 'x'},
                                      {"none", no_argument, nullptr, 'c'},
                                      {nullptr, 0, nullptr, 0}};
    Words words;
    optind = 0;
    opterr = 0;
    for (int found; (found = getopt_long(argc, argv, "", kOptions, nullptr)) != -1;) {
        switch (found) {
            case 'd': words.data = optarg; break;
            case 'k': words.key_file = optarg; break;
            case 'p': words.passphrase_file = optarg; break;
            case 'n': words.new_passphrase_file = optarg; break;
            case 'o': words.out = optarg; break;
            case 'x': words.drop_old = true; break;
            case 'c': words.clear = true; break;
            default: usage();
        }
    }
    if (optind + 1 != argc || words.data.empty()) usage();
    words.verb = argv[optind];
    return words;
}

// The file named on the command line, else the one the last start used, else the usual one.
fs::path keyFile(const Words& words) {
    if (!words.key_file.empty()) return words.key_file;
    const fs::path effective = words.data / "run" / "effective.properties";
    const fs::path configured = fs::exists(effective) ? readVaultConfig(effective).key_file : fs::path();
    return configured.empty() ? words.data / "vault" / "vault.key" : configured;
}

SecretBytes newPassphrase(const Words& words) {
    if (!words.new_passphrase_file.empty()) return readPassphrase(words.new_passphrase_file);
    SecretBytes first = askPassphrase("New passphrase: ");
    if (!samePassphrase(first, askPassphrase("The same again: ")))
        throw Error(Code::Invalid, "passphrase", "the two passphrases differ; nothing was changed");
    return first;
}

int show(const Custody::Status& status) {
    for (std::size_t i = 0; i < status.roots.size(); ++i) {
        const Custody::Status::Root& root = status.roots[i];
        std::cout << (i == 0 ? "root key      " : "old root key  ") << root.id << " version " << root.version
                  << ", seals " << root.records << (root.records == 1 ? " record" : " records")
                  << (i == 0 ? "" : "; kept for older backups until: portico vault rotate --drop-old") << "\n";
    }
    std::cout << "key file      " << (status.passphrase ? "sealed with a passphrase" : "readable by its owner alone")
              << "\n"
              << "connections   " << status.connections << ", with a token " << status.grants << "\n"
              << "revocations   " << status.pending_revocations << " not yet confirmed by the provider\n";
    return 0;
}

bool allOpen(Custody& custody) {
    const std::vector<std::string> faults = custody.verify();
    for (const std::string& fault : faults) std::cout << fault << "\n";
    return faults.empty();
}

}  // namespace

int custodyVerb(int argc, char** argv) {
    const Words words = readWords(argc, argv);
    const fs::path key = keyFile(words), database = words.data / "vault" / "vault.db";
    if (!fs::exists(database) || !fs::exists(key))
        throw Error(Code::NotFound, "no_vault",
                    "there is no vault in " + words.data.string() + ": " +
                        (fs::exists(database) ? key.string() + " is missing; --key names another key file"
                                              : database.string() + " is missing"));
    const storage::DataDirectory alone(words.data);

    const SystemClock clock;
    SecretBytes passphrase;
    if (!words.passphrase_file.empty())
        passphrase = readPassphrase(words.passphrase_file);
    else if (wantsPassphrase(key))
        passphrase = askPassphrase("Passphrase of " + key.string() + ": ");
    Custody custody({database, key}, std::move(passphrase), clock);
    if (words.verb == "status") return show(custody.status());
    if (words.verb == "verify") {
        if (!allOpen(custody)) return 1;
        std::cout << "every sealed record opens\n";
        return 0;
    }
    if (words.verb == "rotate") {
        words.drop_old ? custody.dropOld() : custody.rotate();
        std::cout << (words.drop_old
                          ? "the old root key is gone; backups from before it was replaced cannot be opened\n"
                          : "a new root key seals everything; the old one is kept for older backups until "
                            "you run: portico vault rotate --drop-old\n");
        return 0;
    }
    if (words.verb == "rewrap") {
        if (!allOpen(custody))
            throw Error(Code::Conflict, "damaged",
                        "the records above do not open, so nothing was changed: have their owners remove these "
                        "connections first");
        custody.rewrap();
        if (!allOpen(custody)) return 1;
        std::cout << "every tenant and connection has a new key, and every sealed record opens\n";
        return 0;
    }
    if (words.verb == "export-escrow") {
        if (words.out.empty()) usage();
        custody.exportEscrow(words.out, newPassphrase(words));
        std::cout << words.out.string() << " opens this vault's database together with its passphrase: keep the two "
                  << "apart, and both away from the backups\n";
        return 0;
    }
    if (words.verb == "passphrase") {
        custody.changePassphrase(words.clear ? SecretBytes() : newPassphrase(words));
        std::cout << key.string() << (words.clear ? " needs no passphrase any more\n" : " wants this passphrase now\n");
        return 0;
    }
    usage();
}

}  // namespace portico::credential
