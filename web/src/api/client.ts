// SPDX-License-Identifier: Apache-2.0
// The typed API client. Types come from host/api/openapi.yaml (npm run api).
import createClient, { type Middleware } from "openapi-fetch";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];
export type Problem = Schemas["Problem"];

let csrfToken = "";
/** Remembers the token that every request other than GET must carry. */
export function setCsrfToken(token: string): void {
  csrfToken = token;
}

const sendToken: Middleware = {
  onRequest({ request }) {
    if (request.method !== "GET" && csrfToken) request.headers.set("X-CSRF-Token", csrfToken);
    return request;
  },
};

export const api = createClient<paths>({ baseUrl: `${location.origin}/api/v1`, credentials: "same-origin" });
api.use(sendToken);

/** What the server refused, or that it could not be reached (`status` 0, code `offline`). */
export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail || problem.title);
    this.name = "ApiError";
  }
  get status(): number {
    return this.problem.status;
  }
  get code(): string {
    return this.problem.code;
  }
}

function asProblem(error: unknown, status: number): Problem {
  const known = error as Partial<Problem> | undefined;
  return {
    type: known?.type ?? "about:blank",
    title: known?.title ?? "",
    status: known?.status ?? status,
    detail: known?.detail ?? "",
    instance: known?.instance ?? "",
    code: known?.code ?? (status ? `http_${status}` : "offline"),
    conflicts: known?.conflicts,
    errors: known?.errors,
  };
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of a successful answer; throws ApiError otherwise. */
export async function unwrap<T>(answer: Promise<Answer<T>>): Promise<T> {
  let result: Answer<T>;
  try {
    result = await answer;
  } catch {
    throw new ApiError(asProblem(undefined, 0));
  }
  if (!result.response.ok) throw new ApiError(asProblem(result.error, result.response.status));
  return result.data as T;
}

/** The If-Match header for the version that was read. */
export function ifMatch(resource: { version: number }) {
  return { "If-Match": `"v${resource.version}"` };
}

/** A fresh Idempotency-Key: the browser may repeat a request whose answer was lost. */
export function onceOnly() {
  return { "Idempotency-Key": crypto.randomUUID() };
}

/** Sends raw bytes; openapi-fetch would serialise them. */
export async function sendRaw<T>(path: string, body: Blob, contentType: string): Promise<T> {
  const headers = { "Content-Type": contentType, "X-CSRF-Token": csrfToken };
  const answer = fetch(`${location.origin}/api/v1${path}`, {
    method: "POST",
    body,
    headers,
    credentials: "same-origin",
  }).then(async (response): Promise<Answer<T>> => {
    const json = await response.json().catch(() => undefined);
    return response.ok ? { data: json as T, response } : { error: json, response };
  });
  return unwrap(answer);
}
