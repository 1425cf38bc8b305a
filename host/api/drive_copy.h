// SPDX-License-Identifier: Apache-2.0
// A file's copy in the user's Google Drive: what is remembered about it with the file, and the plugin's actions on it.
// The state lies in crm::File::remote. Functions over a call; confined to its worker.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/api/call.h"
#include "host/base/json.h"
#include "host/crm/files.h"

namespace portico::api {

inline constexpr const char* kDrivePlugin = "google-drive";

struct DriveShare {
    std::string id, email, role;
};

struct DriveCopy {
    ConnectionId connection;  // whose Drive
    std::string ref, web_view_link;
    std::string state = "waiting";  // waiting, synced, failed
    std::string reason;             // plain words, when failed
    bool picked = false;
    std::vector<DriveShare> shares;
};

std::optional<DriveCopy> driveCopyOf(const crm::File& file);
void saveDriveCopy(Call& call, const std::string& file, const DriveCopy& copy);
// Forgets the copies in that connection's Drive; the files themselves stay.
void forgetDriveCopies(const CallContext& ctx, storage::Tx& tx, Instant now, const ConnectionId& connection);

// The File of openapi.yaml.
Json fileJson(const crm::File& file);

// One action of the Drive plugin. File transfers get more time than a page may take.
Json driveAction(Call& call, const ConnectionId& connection, const std::string& action, const Json& args);
crm::StoredBlob driveDownload(Call& call, const ConnectionId& connection, const std::string& ref);

}  // namespace portico::api
