// SPDX-License-Identifier: Apache-2.0
// One function per resource of openapi.yaml, each in the file of its name; addRoutes puts them together. Set-up only.
#pragma once

#include "host/api/routes.h"

namespace portico::api {

void addSession(Routes& routes);
void addMe(Routes& routes);
void addContacts(Routes& routes);
void addNotes(Routes& routes);
void addImports(Routes& routes);
void addAppointments(Routes& routes);
void addAvailability(Routes& routes);
void addCatalogue(Routes& routes);  // services, staff
void addBlockTimes(Routes& routes);
void addFollowUps(Routes& routes);
void addFiles(Routes& routes);
void addDriveFiles(Routes& routes);
void addConnections(Routes& routes);
void addGoogleSetup(Routes& routes);  // the operator's
void addSharing(Routes& routes);
void addErasure(Routes& routes);  // deletion on request
void addOAuthCallback(Routes& routes);
void addOtherAccount(Routes& routes);
void addPlugins(Routes& routes);
void addPanels(Routes& routes);  // what plugins draw, and the actions behind it
void addSync(Routes& routes);
void addHooks(Routes& routes);           // notifications of services
void addSecurityEvents(Routes& routes);  // what Google tells of its accounts
void addAudit(Routes& routes);
void addPrivacy(Routes& routes);
void addTenants(Routes& routes);
void addUsers(Routes& routes);
void addEvents(Routes& routes);
void addOpenApi(Routes& routes);
void addHealth(Routes& routes);

}  // namespace portico::api
