#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// Starts the Google simulator; see README.md.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { start } from './lib/start.js';

const { values } = parseArgs({
    options: {
        port: { type: 'string', default: '0' },
        cert: { type: 'string' },
        key: { type: 'string' },
        ca: { type: 'string' },
        'issuer-host': { type: 'string', default: 'localhost' },
        seed: { type: 'string' },
        'control-token': { type: 'string' },
        'exit-with-stdin': { type: 'boolean', default: false },
    },
});
if (!values.cert || !values.key) {
    process.stderr.write('google-sim: --cert FILE and --key FILE are required (PEM)\n');
    process.exit(2);
}

function begin() {
    return start({
        port: Number(values.port),
        cert: readFileSync(values.cert),
        key: readFileSync(values.key),
        issuerHost: values['issuer-host'],
        seed: values.seed ? JSON.parse(readFileSync(values.seed, 'utf8')) : undefined,
        controlToken: values['control-token'],
        ca: values.ca && readFileSync(values.ca),
    });
}

let simulator;
try {
    simulator = await begin();
} catch (error) {
    process.stderr.write(`google-sim: could not start: ${error.message}\n`);
    process.exit(1);
}
process.stdout.write(`google-sim ready ${simulator.url}\n`);

async function end() {
    await simulator.stop();
    process.exit(0);
}
process.on('SIGTERM', end);
process.on('SIGINT', end);
if (values['exit-with-stdin']) process.stdin.on('end', end).on('close', end).resume();
