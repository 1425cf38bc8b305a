// SPDX-License-Identifier: Apache-2.0
// Page frame and escaping for the simulator's own HTML. Every page says that it is not Google.
import { readFileSync } from 'node:fs';

const STYLE = readFileSync(new URL('style.css', import.meta.url), 'utf8');
const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export const escapeHtml = (text) => String(text ?? '').replace(/[&<>"']/g, (char) => ENTITIES[char]);

class Html {
    constructor(text) {
        this.text = text;
    }
}

/** Template tag that escapes what is put in; nested html`` results and arrays of them stay as they are. */
export function html(parts, ...values) {
    const show = (value) => {
        if (Array.isArray(value)) return value.map(show).join('');
        return value instanceof Html ? value.text : escapeHtml(value);
    };
    return new Html(parts.map((text, i) => text + (i < values.length ? show(values[i]) : '')).join(''));
}

/** A whole page as a response. */
export function page(title, content, { status = 200, wide = false } = {}) {
    const body = html`<!doctype html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <title>${title}</title>
                <style>
                    ${new Html(STYLE)}
                </style>
            </head>
            <body>
                <div class="banner" data-testid="simulator-banner">Google simulator – not Google</div>
                <main class="${wide ? 'wide' : ''}">${content}</main>
            </body>
        </html>`;
    return {
        status,
        headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
        body: body.text,
    };
}
