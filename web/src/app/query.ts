// SPDX-License-Identifier: Apache-2.0
import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { ApiError } from "../api/client";

const listeners = new Set<() => void>();
/** Told when the server says that nobody is signed in any more. */
export function onSignedOut(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function onError(error: unknown): void {
  // The banner may know why.
  if (error instanceof ApiError && (error.status === 503 || error.status === 507))
    void queryClient.invalidateQueries({ queryKey: ["conditions"] });
  if (error instanceof ApiError && error.code === "not_signed_in") for (const listener of listeners) listener();
}

export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      // What the server refused stays refused; only an unreachable server is asked again.
      retry: (count, error) => count < 2 && (!(error instanceof ApiError) || error.status === 0 || error.status >= 502),
    },
  },
});
