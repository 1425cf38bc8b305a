// SPDX-License-Identifier: Apache-2.0
#include "host/manifest/signature.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>

#include "host/base/bytes.h"
#include "host/base/error.h"
#include "host/base/fd.h"
#include "host/base/secret.h"

namespace portico::manifest {
namespace {

namespace fs = std::filesystem;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Digest = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

constexpr std::size_t kMaxFile = 256u << 20;

[[noreturn]] void invalid(const std::string& text) { throw Error(Code::Invalid, "bad_signature", text); }

Key readKey(std::string_view pem, bool private_half, const std::string& what) {
    Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
    Key key(private_half ? PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr)
                         : PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr),
            EVP_PKEY_free);
    if (!key || EVP_PKEY_get_id(key.get()) != EVP_PKEY_ED25519)
        invalid(what + " is not an Ed25519 " + (private_half ? "private" : "public") + " key in PEM form");
    return key;
}

std::string takeText(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return std::string(data, static_cast<std::size_t>(size));
}

// What is signed: compact JSON with sorted names, so that every writer produces the same bytes.
std::string canonical(const std::map<std::string, std::string>& files) {
    Json json = Json::object();
    for (const auto& [name, hash] : files) json.set(name, hash);
    return json.dump();
}

bool signatureHolds(const std::string& public_pem, std::string_view message, std::string_view signature) {
    const Key key = readKey(public_pem, false, "a trusted key");
    Digest context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    return EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
           EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                            reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1;
}

Trust modified(std::string file, std::string why) {
    return {Trust::State::Modified, "", std::move(file), false, {}, std::move(why)};
}

struct SignatureFile {
    std::string key, signature;
    std::map<std::string, std::string> files;
};

SignatureFile readSignature(const fs::path& folder) {
    const Json json = Json::parse(readFile(folder / kSignatureFile, 1u << 20));
    SignatureFile out{json.str("key"), fromBase64(json.str("signature")), {}};
    for (const auto& [name, hash] : json.at("files").members()) out.files[name] = hash.str();
    return out;
}

}  // namespace

TrustedKeys readKeys(const fs::path& folder) {
    TrustedKeys keys;
    if (!fs::is_directory(folder)) return keys;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.path().extension() != ".pub") continue;
        std::string pem = readFile(entry.path(), 16 * 1024);
        readKey(pem, false, entry.path().string());
        keys[entry.path().stem().string()] = std::move(pem);
    }
    return keys;
}

std::string generateKey(const fs::path& private_pem) {
    if (fs::exists(private_pem)) invalid(private_pem.string() + " exists; a key is never overwritten");
    const Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_PKEY_free);
    Bio secret(BIO_new(BIO_s_secmem()), BIO_free), open(BIO_new(BIO_s_mem()), BIO_free);
    if (!key || PEM_write_bio_PrivateKey(secret.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1 ||
        PEM_write_bio_PUBKEY(open.get(), key.get()) != 1)
        throw Error(Code::Internal, "openssl", "make an Ed25519 key: OpenSSL refused");
    std::string pem = takeText(secret.get());
    writeFileDurably(private_pem, pem, 0600);
    wipe(pem);
    return takeText(open.get());
}

std::map<std::string, std::string> hashFolder(const fs::path& folder) {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        const std::string name = entry.path().lexically_relative(folder).generic_string();
        if (name == kSignatureFile) continue;
        if (!isUtf8(name)) invalid(folder.string() + " holds a file whose name is not UTF-8");
        const auto type = entry.symlink_status().type();
        if (type == fs::file_type::directory) continue;
        if (type != fs::file_type::regular) invalid(folder.string() + ": " + name + " is neither a file nor a folder");
        files[name] = toHex(sha256(readFile(entry.path(), kMaxFile)));
    }
    return files;
}

void signFolder(const fs::path& folder, const std::string& key_name, const fs::path& private_pem) {
    std::string pem_text = readFile(private_pem, 16 * 1024);
    const Key key = readKey(pem_text, true, private_pem.string());
    wipe(pem_text);
    const auto files = hashFolder(folder);
    if (!files.contains("plugin.json")) invalid(folder.string() + " has no plugin.json, so it is not a plugin");
    const std::string message = canonical(files);
    std::string signature(64, '\0');
    std::size_t size = signature.size();
    Digest context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    if (EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
        EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                       reinterpret_cast<const unsigned char*>(message.data()), message.size()) != 1)
        throw Error(Code::Internal, "openssl", "sign " + folder.string() + ": OpenSSL refused");
    Json out = Json::object({{"key", key_name}, {"files", Json::parse(message)}, {"signature", toBase64(signature)}});
    writeFileDurably(folder / kSignatureFile, out.dump() + "\n", 0644);
}

Trust verifyFolder(const fs::path& folder, const TrustedKeys& keys, bool developer_mode) {
    if (!fs::exists(folder / kSignatureFile))
        return {Trust::State::Unsigned, "", "", developer_mode, {}, "it has no signature"};
    SignatureFile claim;
    std::map<std::string, std::string> actual;
    try {
        claim = readSignature(folder);
        actual = hashFolder(folder);
    } catch (const Error& error) {
        return modified(std::string(kSignatureFile), std::string("its signature cannot be checked: ") + error.what());
    }
    const auto key = keys.find(claim.key);
    if (key == keys.end())
        return modified(std::string(kSignatureFile), "it is signed with the key '" + claim.key.substr(0, 80) +
                                                         "', which is not among the trusted keys");
    if (!signatureHolds(key->second, canonical(claim.files), claim.signature))
        return modified(std::string(kSignatureFile),
                        "its signature was not made with the trusted key '" + claim.key + "'");
    for (const auto& [name, hash] : claim.files) {
        if (!actual.contains(name)) return modified(name, "the signed file " + name + " is missing");
        if (actual[name] != hash) return modified(name, "the file " + name + " is not the one that was signed");
    }
    for (const auto& [name, hash] : actual)
        if (!claim.files.contains(name)) return modified(name, "the file " + name + " was added after it was signed");
    const auto state = claim.key == kBuiltInKey ? Trust::State::BuiltIn : Trust::State::Signed;
    return {state, claim.key, "", true, std::move(claim.files), ""};
}

Manifest load(const fs::path& folder, const TrustedKeys& keys, bool developer_mode) {
    const std::string text = readFile(folder / "plugin.json", 1u << 20);
    Manifest manifest = parse(Json::parse(text, 1u << 20));
    manifest.text = text;
    manifest.hash = toHex(sha256(text));
    manifest.folder = folder;
    manifest.trust = verifyFolder(folder, keys, developer_mode);
    const bool proven = !manifest.trust.signed_by.empty();
    if (proven && manifest.trust.files["plugin.json"] != manifest.hash)
        manifest.trust = modified("plugin.json", "plugin.json changed while it was read");
    if (!fs::is_regular_file(folder / manifest.library))
        throw Error(Code::Invalid, "bad_manifest",
                    folder.string() + ": the library " + manifest.library + " is missing");
    return manifest;
}

std::vector<Found> scan(const std::vector<fs::path>& roots, const TrustedKeys& keys, bool developer_mode) {
    std::vector<Found> all;
    std::map<PluginId, fs::path> taken;
    for (const fs::path& root : roots) {
        std::map<std::string, fs::path> folders;
        if (fs::is_directory(root))
            for (const auto& entry : fs::directory_iterator(root))
                if (!entry.path().filename().string().starts_with('.') && fs::exists(entry.path() / "plugin.json"))
                    folders[entry.path().filename().string()] = entry.path();
        for (const auto& [name, folder] : folders) {
            Found found{folder, {}, ""};
            try {
                found.manifest = load(folder, keys, developer_mode);
                const auto [holder, fresh] = taken.emplace(found.manifest.id, folder);
                if (!fresh)
                    found.problem =
                        "the id " + found.manifest.id.str() + " is already taken by " + holder->second.string();
            } catch (const std::exception& error) {
                found.problem = error.what();
            }
            all.push_back(std::move(found));
        }
    }
    return all;
}

}  // namespace portico::manifest
