// SPDX-License-Identifier: Apache-2.0
// Google Drive as commands of the CRM: send a file there, fetch it, share it, stop sharing, take over picked files.
// Immutable after construction.
#include "plugins/google-drive/upload.h"

#include <functional>

namespace portico::google {

namespace {

[[noreturn]] void invalid(const std::string& message) {
    throw sdk::PluginError(PORTICO_E_INVALID, "bad_args", message);
}

std::string required(const Json& args, const char* name) {
    const std::string value = textOf(args, name);
    if (value.empty()) invalid(std::string("'") + name + "' is missing");
    return value;
}

bool isGoogleDocument(const Json& file) { return textOf(file, "mimeType").starts_with("application/vnd.google-apps."); }

}  // namespace

class Drive final : public sdk::Plugin {
public:
    explicit Drive(sdk::Host host) : Plugin(host), blobs_(host), api_(host) {
        on("reserve", [this](const Call& call, const Json&) { return Json{{"ref", api_.newId(call)}}; });
        on("upload", [this](const Call& call, const Json& args) { return upload(call, args); });
        on("adopt", [this](const Call& call, const Json& args) { return adopt(call, args); });
        on("download", [this](const Call& call, const Json& args) { return download(call, args); });
        on("share", [this](const Call& call, const Json& args) { return share(call, args); });
        on("unshare", [this](const Call& call, const Json& args) {
            api_.unshare(call, required(args, "ref"), required(args, "permission"));
            return Json::object();
        });
        on("remove", [this](const Call& call, const Json& args) { return remove(call, args); });
    }

private:
    void on(const char* name, std::function<Json(const Call&, const Json&)> handler) {
        onAction(name, [handler = std::move(handler)](const Call& call, Text args) {
            return handler(call, parseObject(args, "the arguments")).dump();
        });
    }

    Json upload(const Call& call, const Json& args) const {
        const Json& file = member(args, "file");
        const LocalFile local{
            required(file, "blob"), required(file, "name"),
            textOf(file, "mediaType").empty() ? "application/octet-stream" : textOf(file, "mediaType"),
            textOf(file, "sha256"), sizeOf(call, file)};
        const std::string given = textOf(args, "ref");
        const Json remote = uploadFile(call, api_, given.empty() ? api_.newId(call) : given, local);
        return fileLine(remote);
    }

    std::uint64_t sizeOf(const Call& call, const Json& file) const {
        if (member(file, "size").is_number_unsigned()) return file["size"];
        const Json stat = parseObject(blobs_.stat(call, textOf(file, "blob")), "the host's description of the blob");
        return stat.at("size");
    }

    // One file that cannot be read (picked in another account, taken back) does not spoil the others.
    Json adopt(const Call& call, const Json& args) const {
        Json files = Json::array(), missing = Json::array();
        for (const Json& id : listOf(args, "ids")) {
            if (!id.is_string()) invalid("'ids' must be a list of texts");
            try {
                files.push_back(fileLine(api_.get(call, id)));
            } catch (const ApiError& error) {
                if (error.http() != 403 && error.http() != 404) throw;
                if (error.code() == "google_scope" || error.code() == "google_api_disabled") throw;
                missing.push_back(
                    {{"ref", id}, {"reason", "Google does not show this file to the CRM: pick it again"}});
            }
        }
        return {{"files", std::move(files)}, {"missing", std::move(missing)}};
    }

    Json download(const Call& call, const Json& args) const {
        const std::string ref = required(args, "ref");
        const Json file = api_.get(call, ref);
        if (isGoogleDocument(file)) {
            throw sdk::PluginError(PORTICO_E_INVALID, "google_document",
                                   "this is a Google document without file content: open it in Drive");
        }
        const Json line = fileLine(file);
        std::string blob = textOf(args, "blob");
        if (blob.empty()) {
            blob = blobs_.create(
                call, Json{{"name", line["name"]}, {"mediaType", line["mediaType"]}, {"size", line["size"]}}.dump());
        }
        const std::uint64_t received = api_.download(call, ref, blob);
        const Json stored = parseObject(blobs_.stat(call, blob), "the host's description of the blob");
        const bool same = received == line["size"] && member(stored, "size") == line["size"] &&
                          (!line.contains("sha256") || textOf(stored, "sha256").empty() ||
                           line["sha256"] == textOf(stored, "sha256"));
        if (!same) {
            throw sdk::PluginError(PORTICO_E_UNAVAILABLE, "drive_mismatch",
                                   "what arrived is not what Google Drive holds; it will be fetched again");
        }
        Json result = line;
        result["blob"] = blob;
        return result;
    }

    Json share(const Call& call, const Json& args) const {
        const std::string ref = required(args, "ref"), email = required(args, "email"), role = required(args, "role");
        if (role != "reader" && role != "commenter" && role != "writer")
            invalid("'role' must be reader, commenter or writer");
        const Json file = api_.get(call, ref);
        if (member(member(file, "capabilities"), "canShare") == false) {
            throw sdk::PluginError(PORTICO_E_DENIED, "drive_no_share", "this Google account may not share that file");
        }
        const Json permission = {{"type", "user"}, {"role", role}, {"emailAddress", email}};
        const Json made = api_.share(call, ref, permission, member(args, "notify") == true);
        return {{"permission", textOf(made, "id")}};
    }

    // Into Drive's bin, where the user can get it back for 30 days. Gone already is what was wanted.
    Json remove(const Call& call, const Json& args) const {
        try {
            api_.trash(call, required(args, "ref"));
        } catch (const ApiError& error) {
            if (error.status() != PORTICO_E_NOT_FOUND) throw;
        }
        return Json::object();
    }

    sdk::Blob blobs_;
    FilesApi api_;
};

}  // namespace portico::google

PORTICO_PLUGIN(portico::google::Drive, PORTICO_PLUGIN_ID, PORTICO_PLUGIN_VERSION)
