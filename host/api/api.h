// SPDX-License-Identifier: Apache-2.0
// The REST API's front: puts every operation of openapi.yaml, the OAuth callback and the health checks on a router,
// with the guard that asks who is there. Called once, before the server starts; router and services must outlive it.
#pragma once

#include "host/api/services.h"
#include "host/http/router.h"

namespace portico::api {

void addRoutes(http::Router& router, Services& services);

}  // namespace portico::api
