// SPDX-License-Identifier: Apache-2.0
#include "host/api/api.h"

#include "host/api/resources.h"

namespace portico::api {

void addRoutes(http::Router& router, Services& services) {
    router.addGuard([&services](http::Request& request, const http::Route& route) { guard(services, request, route); });
    Routes routes(router, services);
    for (const auto add :
         {addSession,      addMe,        addContacts,   addNotes,         addImports,     addAppointments,
          addAvailability, addCatalogue, addBlockTimes, addFollowUps,     addFiles,       addDriveFiles,
          addConnections,  addSharing,   addErasure,    addOAuthCallback, addPlugins,     addPanels,
          addSync,         addHooks,     addAudit,      addTenants,       addGoogleSetup, addOtherAccount,
          addUsers,        addEvents,    addOpenApi,    addHealth,        addPrivacy,     addSecurityEvents})
        add(routes);
}

}  // namespace portico::api
