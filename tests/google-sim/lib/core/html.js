// SPDX-License-Identifier: Apache-2.0
// Page frame and escaping for the simulator's own HTML. Every page says that it is not Google.

const STYLE = `
:root{color-scheme:light dark;--ink:#1f2933;--soft:#5f6b7a;--line:#d5dbe3;--paper:#fff;--ground:#f3f5f8;--deed:#1f5fae}
@media(prefers-color-scheme:dark){:root{--ink:#e6eaf0;--soft:#9aa7b6;--line:#3a4553;--paper:#1c232c;--ground:#12171d;--deed:#7db2f5}}
*{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
.banner{background:#5b3f8c;color:#fff;text-align:center;padding:.4rem;font-size:.875rem}
main{max-width:30rem;margin:2.5rem auto;background:var(--paper);border:1px solid var(--line);border-radius:12px;padding:2rem}
main.wide{max-width:64rem}h1{font-size:1.4rem;margin:0 0 .5rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}
p{margin:.25rem 0 1rem}.soft{color:var(--soft);font-size:.9rem}
button{font:inherit;border:1px solid var(--line);border-radius:8px;padding:.55rem 1.1rem;background:var(--paper);color:var(--ink);cursor:pointer}
button.main{background:var(--deed);border-color:var(--deed);color:var(--paper)}
button.account{display:block;width:100%;text-align:left;margin-bottom:.5rem}
:focus-visible{outline:3px solid var(--deed);outline-offset:2px}
label.row{display:flex;gap:.75rem;padding:.7rem 0;border-top:1px solid var(--line);align-items:flex-start}
label.row input{margin-top:.3rem;width:1.1rem;height:1.1rem}
.deeds{display:flex;justify-content:flex-end;gap:.75rem;margin-top:1.5rem}
table{border-collapse:collapse;width:100%;font-size:.9rem}td,th{border-top:1px solid var(--line);padding:.4rem .5rem;text-align:left;vertical-align:top}
code{overflow-wrap:anywhere}a{color:var(--deed)}`;

const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export const escapeHtml = (text) => String(text ?? '').replace(/[&<>"']/g, (char) => ENTITIES[char]);

/** Template tag that escapes what is put in; nested html`` results and arrays of them stay as they are. */
export function html(parts, ...values) {
    const show = (value) => {
        if (Array.isArray(value)) return value.map(show).join('');
        return value instanceof Html ? value.text : escapeHtml(value);
    };
    return new Html(parts.map((text, i) => text + (i < values.length ? show(values[i]) : '')).join(''));
}

class Html {
    constructor(text) {
        this.text = text;
    }
}

/** A whole page as a response. */
export function page(title, content, { status = 200, wide = false } = {}) {
    const body = html`<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>${title}</title>
<style>${new Html(STYLE)}</style></head><body>
<div class="banner" data-testid="simulator-banner">Google simulator – not Google</div>
<main class="${wide ? 'wide' : ''}">${content}</main></body></html>`;
    return {
        status,
        headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
        body: body.text,
    };
}
