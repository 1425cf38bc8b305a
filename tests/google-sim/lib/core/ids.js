// SPDX-License-Identifier: Apache-2.0
// Random identifiers in the shapes Google uses, and cloning.
import { createHash, randomBytes } from 'node:crypto';

const BASE32HEX = '0123456789abcdefghijklmnopqrstuv';

export const randomText = (bytes) => randomBytes(bytes).toString('base64url');
export const randomHex = (bytes) => randomBytes(bytes).toString('hex');
export const randomDigits = (count) =>
    Array.from(randomBytes(count), (byte) => byte % 10)
        .join('')
        .replace(/^0/, '1');
export const randomBase32Hex = (count) => Array.from(randomBytes(count), (byte) => BASE32HEX[byte % 32]).join('');
export const digest = (algorithm, data, encoding = 'hex') => createHash(algorithm).update(data).digest(encoding);
export const clone = (value) => structuredClone(value);
