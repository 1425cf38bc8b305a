// SPDX-License-Identifier: Apache-2.0
import admin from "./admin.json";
import calendar from "./calendar.json";
import clients from "./clients.json";
import common from "./common.json";
import conditions from "./conditions.json";
import connections from "./connections.json";
import problems from "./problems.json";
import setup from "./setup.json";

export default { ...common, ...clients, ...calendar, ...conditions, ...connections, ...admin, ...problems, ...setup };
