// SPDX-License-Identifier: Apache-2.0
#include "host/api/openapi.h"

#include "host/api/resources.h"

namespace portico::api {

void addOpenApi(Routes& routes) {
    routes.get(
        "/openapi.yaml",
        [text = std::make_shared<const std::string>(openApiText())](Call&) {
            http::Response response;
            response.shared_body = text;
            response.header("Content-Type", "application/yaml");
            return response;
        },
        Access::Public);
}

}  // namespace portico::api
