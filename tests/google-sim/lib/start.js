// SPDX-License-Identifier: Apache-2.0
// Starts one simulator in this process: used by main.js and by the tests.
import { createServer } from './server.js';
import { World } from './state/world.js';

/**
 * @param {{port?: number, cert, key, issuerHost?: string, seed?: object, controlToken?: string, ca?}} settings
 *     issuerHost localhost gives an issuer with the port; any other name stands for itself;
 *     ca is the authority whose certificates the receivers of notifications and security events have.
 * @returns {Promise<{url: string, port: number, world: World, stop: () => Promise<void>}>}
 */
export async function start({ port = 0, cert, key, issuerHost = 'localhost', seed, controlToken, ca }) {
    const settings = { issuer: `https://${issuerHost}`, seed, ca };
    const world = new World(settings);
    const server = createServer(world, { cert, key, controlToken });
    await new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, '127.0.0.1', resolve);
    });
    const bound = server.address().port;
    if (issuerHost === 'localhost') settings.issuer = `https://localhost:${bound}`;
    return { url: `https://localhost:${bound}`, port: bound, world, stop: () => server.stop() };
}
