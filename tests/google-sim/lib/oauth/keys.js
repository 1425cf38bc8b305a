// SPDX-License-Identifier: Apache-2.0
// The RSA keys that sign id_tokens and security events. Rotation keeps the old key published, as Google does.
import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { randomHex } from '../core/ids.js';

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

export class SigningKeys {
    #keys = [];

    constructor() {
        this.rotate();
    }

    rotate() {
        const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
        this.#keys.unshift({ kid: randomHex(20), privateKey });
        this.#keys.length = Math.min(this.#keys.length, 2);
    }

    jwks() {
        return {
            keys: this.#keys.map(({ kid, privateKey }) => ({
                ...createPublicKey(privateKey).export({ format: 'jwk' }),
                kid,
                alg: 'RS256',
                use: 'sig',
            })),
        };
    }

    /** A compact JWS (RS256) over the claims. */
    sign(claims, type = 'JWT') {
        const [{ kid, privateKey }] = this.#keys;
        const input = `${part({ alg: 'RS256', kid, typ: type })}.${part(claims)}`;
        return `${input}.${sign('sha256', Buffer.from(input), privateKey).toString('base64url')}`;
    }
}
