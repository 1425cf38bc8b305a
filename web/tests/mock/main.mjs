// SPDX-License-Identifier: Apache-2.0
import { startMock } from "./server.mjs";

const mock = await startMock({ port: Number(process.env.PORT ?? 0) });
console.log(`${mock.url}  owner@demo.test / demo-password (serves dist too)`);
process.on("SIGINT", () => mock.close().then(() => process.exit(0)));
