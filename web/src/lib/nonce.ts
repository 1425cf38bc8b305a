// SPDX-License-Identifier: Apache-2.0
/** The style nonce that the server wrote into index.html for this response. */
export const cspNonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";
// Read by react-remove-scroll's style tag.
(globalThis as { __webpack_nonce__?: string }).__webpack_nonce__ = cspNonce;
