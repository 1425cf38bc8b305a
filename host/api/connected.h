// SPDX-License-Identifier: Apache-2.0
// What follows a consent that made or renewed a connection: it is told of and put to use. Used by one worker.
#pragma once

#include "host/api/call.h"
#include "host/credential/types.h"

namespace portico::api {

void startUsing(Call& call, const credential::CompleteResult& made);

}  // namespace portico::api
