// SPDX-License-Identifier: Apache-2.0
// Plugin folders are signed with Ed25519 over the compact JSON of {file: sha256} with sorted names. Every regular file
// of the folder is listed; anything else in it (a link, an unlisted file) makes the plugin Modified.
// Thread-safe functions over the file system; they never run plugin code.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "host/manifest/manifest.h"

namespace portico::manifest {

// The key of this name signs what is built together with the host; its plugins are shown as built in.
inline constexpr std::string_view kBuiltInKey = "built-in";
inline constexpr std::string_view kSignatureFile = "plugin.sig";

// Public keys by name (the file name in config/keys without ".pub"), PEM text.
using TrustedKeys = std::map<std::string, std::string>;
// Reads every *.pub of the folder; an unreadable or non-Ed25519 key is an Invalid naming the file. No folder: no keys.
TrustedKeys readKeys(const std::filesystem::path& folder);

// Makes an Ed25519 pair: the private half goes to that file alone (PEM, 0600; an existing file is an Invalid), the
// public half is returned (PEM).
std::string generateKey(const std::filesystem::path& private_pem);

// {file: sha256 hex} of everything in the folder but plugin.sig. Throws Invalid on links, devices and odd names.
std::map<std::string, std::string> hashFolder(const std::filesystem::path& folder);

// Writes plugin.sig with the private key in PEM. Throws Invalid when the key is not Ed25519.
void signFolder(const std::filesystem::path& folder, const std::string& key_name,
                const std::filesystem::path& private_pem);

// What the signature proves. A missing plugin.sig is Unsigned; a signature by an unknown key, a bad signature, or any
// difference to the listed files is Modified naming the file.
Trust verifyFolder(const std::filesystem::path& folder, const TrustedKeys& keys, bool developer_mode);

// Verifies and parses a plugin's folder. A manifest whose trust.may_run is false must not be run; it is returned so
// that the admin can be shown why. Throws Invalid or NotFound when plugin.json cannot be read.
Manifest load(const std::filesystem::path& folder, const TrustedKeys& keys, bool developer_mode);

// Every folder with a plugin.json below the roots (the shipped ones first, then the installed ones), root by root in
// name order; names that begin with a dot are not plugins. A plugin that cannot be read, or whose id is taken by an
// earlier folder, has a problem instead of a usable manifest; it never hides the others.
struct Found {
    std::filesystem::path folder;
    Manifest manifest;
    std::string problem;
};
std::vector<Found> scan(const std::vector<std::filesystem::path>& roots, const TrustedKeys& keys, bool developer_mode);

}  // namespace portico::manifest
