// SPDX-License-Identifier: Apache-2.0
// `portico vault status|verify|rotate|rewrap|export-escrow|passphrase`: run by portico-vault itself, because no other
// program of ours may hold the vault's keys. Prints for people. Returns the exit code: 1 when something does not
// verify.
#pragma once

namespace portico::credential {

// argv: the words after `portico vault`. Throws Error.
int custodyVerb(int argc, char** argv);

}  // namespace portico::credential
