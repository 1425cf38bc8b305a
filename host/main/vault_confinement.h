// SPDX-License-Identifier: Apache-2.0
// What portico-vault gives up. It needs its own folder, the plugins' manifests and the way out to providers, and
// nothing else of the machine: not the CRM's data, no other process, no program to start, nothing to listen on. Two
// steps, because threads must not exist before the first and sockets must before the second. Not thread-safe.
#pragma once

#include <string>

#include "host/credential/config.h"
#include "host/credential/local_vault.h"

namespace portico::app {

// No core dump, no look into the memory by others of the same user, no new privileges: before any secret is read.
void confineMemory();

// Landlock, before the first thread. Returns why it could not be had ("" when it holds), for the operator.
std::string confineVaultFiles(const credential::LocalVault::Folders& folders, const credential::VaultConfig& config);

// seccomp for every thread.
void confineVaultCalls();

}  // namespace portico::app
