// SPDX-License-Identifier: Apache-2.0
// The file that Google offers for a client, read in the browser: only id and secret leave it.

export interface ClientFile {
  problem?: "notWeb" | "notClient";
  id?: string;
  secret?: string;
  /** Whether our redirect address stood among the registered ones when the file was made. */
  registered?: boolean;
}

export function readClientFile(text: string, redirectUri: string): ClientFile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { problem: "notClient" };
  }
  if (typeof json !== "object" || json === null) return { problem: "notClient" };
  if ("installed" in json) return { problem: "notWeb" };
  const web = (json as { web?: Record<string, unknown> }).web;
  if (typeof web?.client_id !== "string" || typeof web.client_secret !== "string") return { problem: "notClient" };
  const uris = Array.isArray(web.redirect_uris) ? web.redirect_uris : [];
  return { id: web.client_id, secret: web.client_secret, registered: uris.includes(redirectUri) };
}

export const looksLikeClientId = (id: string) => /^\d+-[a-z0-9_-]+\.apps\.googleusercontent\.com$/.test(id);
