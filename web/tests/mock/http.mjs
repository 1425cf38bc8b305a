// SPDX-License-Identifier: Apache-2.0
// The plumbing of the in-memory server: routes, bodies, problem details, ETags, cookies, static files with the headers
// that Portico sends. It exists so that the pages can be developed and tested without the C++ server.
import { randomBytes, randomUUID } from "node:crypto";
import { createReadStream, existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const dist = new URL("../../dist", import.meta.url).pathname;
const types = { ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2" };

export class Refusal extends Error {
  constructor(status, code, detail = "", more = {}) {
    super(detail || code);
    Object.assign(this, { status, code, detail, more });
  }
}

export const versioned = (resource, status = 200) => ({
  status,
  json: resource,
  headers: { ETag: `"v${resource.version}"` },
});
export const list = (items, next = null) => ({ json: { items, next } });

/** `items` from the cursor on, `limit` at most; the cursor is an index. */
export function page(items, query) {
  const limit = Number(query.get("limit") ?? 50);
  const start = Number(query.get("after") ?? 0);
  return list(items.slice(start, start + limit), start + limit < items.length ? String(start + limit) : null);
}

/** The stored resource, after checking If-Match as the real server does. */
export function guarded(map, id, request) {
  const resource = map.get(id);
  if (!resource) throw new Refusal(404, "not_found");
  const wanted = request.headers["if-match"];
  if (!wanted) throw new Refusal(428, "if_match_required");
  if (wanted !== `"v${resource.version}"`) throw new Refusal(412, "stale_version", "Somebody else changed it.");
  return resource;
}

async function readBody(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function problem(response, refusal) {
  const body = {
    type: `https://portico.invalid/problems/${refusal.code}`,
    title: refusal.code,
    status: refusal.status,
    detail: refusal.detail,
    instance: `req-${randomBytes(4).toString("hex")}`,
    code: refusal.code,
    ...refusal.more,
  };
  response.writeHead(refusal.status, { "Content-Type": "application/problem+json" }).end(JSON.stringify(body));
}

function serveStatic(path, response) {
  const file = normalize(join(dist, path));
  if (path !== "/" && file.startsWith(dist) && existsSync(file) && extname(file)) {
    response.writeHead(200, { "Content-Type": types[extname(file)] ?? "application/octet-stream" });
    createReadStream(file).pipe(response);
    return;
  }
  if (path.startsWith("/assets/")) {
    response.writeHead(404).end();
    return;
  }
  const nonce = randomBytes(16).toString("base64");
  const html = readFileSync(join(dist, "index.html"), "utf8").replaceAll("__CSP_NONCE__", nonce);
  response
    .writeHead(200, {
      "Content-Type": "text/html; charset=utf-8",
      "Cache-Control": "no-store",
      "Content-Security-Policy":
        `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data: blob:; ` +
        "font-src 'self'; connect-src 'self'; manifest-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; " +
        "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types default",
      "X-Content-Type-Options": "nosniff",
      "Referrer-Policy": "no-referrer",
      "Cross-Origin-Opener-Policy": "same-origin",
    })
    .end(html);
}

/** Routes are ["METHOD", "/path/{name}", handler(ctx)]; ctx has params, query, body, request, state, session. */
export function createMockServer(state, routes) {
  const compiled = routes.map(([method, path, handler]) => ({
    method,
    handler,
    pattern: new RegExp(`^${path.replace(/\{(\w+)\}/g, "(?<$1>[^/]+)")}$`),
  }));
  async function api(request, response, url) {
    const path = url.pathname.slice("/api/v1".length);
    const route = compiled.find((item) => item.method === request.method && item.pattern.test(path));
    if (!route) throw new Refusal(404, "not_found", `${request.method} ${path} is not served by the mock`);
    const cookie = /portico=([\w-]+)/.exec(request.headers.cookie ?? "")?.[1];
    const session = state.sessions.get(cookie);
    const open = path === "/session" || path === "/setup";
    if (!session && !open) throw new Refusal(401, "not_signed_in");
    if (request.method !== "GET" && !open && request.headers["x-csrf-token"] !== session.csrfToken) {
      throw new Refusal(403, "csrf_failed");
    }
    const raw = await readBody(request);
    const isJson = request.headers["content-type"]?.startsWith("application/json");
    const answer = await route.handler({
      request,
      response,
      state,
      session,
      raw,
      body: isJson && raw.length ? JSON.parse(raw.toString()) : undefined,
      params: route.pattern.exec(path).groups ?? {},
      query: url.searchParams,
    });
    if (answer === "streaming") return;
    const { status = 200, json, headers = {}, content } = answer ?? { status: 204 };
    response.writeHead(status, { "Content-Type": "application/json", ...headers });
    response.end(content ?? (json === undefined ? undefined : JSON.stringify(json)));
  }
  const server = createServer((request, response) => {
    const url = new URL(request.url, "http://mock");
    if (!url.pathname.startsWith("/api/v1/")) {
      const handled = state.page?.(url, response);
      if (!handled) serveStatic(url.pathname, response);
      return;
    }
    api(request, response, url).catch((error) => {
      problem(response, error instanceof Refusal ? error : new Refusal(500, "internal", String(error?.stack ?? error)));
    });
  });
  return server;
}

export const newId = () => randomUUID();
