// SPDX-License-Identifier: Apache-2.0
// What the screens read. The first part of each key is the resource: live events invalidate by it (app/live.ts).
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, setCsrfToken, unwrap } from "./client";
import type { paths } from "./schema";

type AuditFilter = Omit<NonNullable<paths["/audit-events"]["get"]["parameters"]["query"]>, "after" | "limit">;

const day = 86_400_000;
const paged = { initialPageParam: "", getNextPageParam: (page: { next: string | null }) => page.next ?? undefined };
const cursor = (after: string) => (after ? { after } : {});

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: async () => {
    const state = await unwrap(api.GET("/session"));
    setCsrfToken(state.csrfToken ?? "");
    return state;
  },
});

export const contactsQuery = (q: string, archived: boolean) =>
  infiniteQueryOptions({
    queryKey: ["contacts", { q, archived }],
    queryFn: ({ pageParam }) =>
      unwrap(
        api.GET("/contacts", { params: { query: { q: q || undefined, archived, limit: 100, ...cursor(pageParam) } } }),
      ),
    ...paged,
  });

export const contactSearchQuery = (q: string) =>
  queryOptions({
    queryKey: ["contacts", "search", q],
    queryFn: () => unwrap(api.GET("/contacts", { params: { query: { q: q || undefined, limit: 8 } } })),
    placeholderData: (old) => old,
  });

export const contactQuery = (contactId: string) =>
  queryOptions({
    queryKey: ["contacts", "one", contactId],
    queryFn: () => unwrap(api.GET("/contacts/{contactId}", { params: { path: { contactId } } })),
  });

export const timelineQuery = (contactId: string) =>
  infiniteQueryOptions({
    queryKey: ["timeline", contactId],
    queryFn: ({ pageParam }) =>
      unwrap(
        api.GET("/contacts/{contactId}/timeline", {
          params: { path: { contactId }, query: { limit: 30, ...cursor(pageParam) } },
        }),
      ),
    ...paged,
  });

export const appointmentsQuery = (query: { from?: string; to?: string; contactId?: string; staffId?: string }) =>
  queryOptions({
    queryKey: ["appointments", query],
    queryFn: async () =>
      (await unwrap(api.GET("/appointments", { params: { query: { ...query, limit: 500 } } }))).items,
    placeholderData: (old) => old,
  });

export const blockTimesQuery = (query: { from: string; to: string }) =>
  queryOptions({
    queryKey: ["block-times", query],
    queryFn: async () => (await unwrap(api.GET("/block-times", { params: { query: { ...query, limit: 500 } } }))).items,
    placeholderData: (old) => old,
  });

export const followUpsQuery = (query: { from?: string; to?: string; contactId?: string; open?: boolean }) =>
  queryOptions({
    queryKey: ["follow-ups", query],
    queryFn: async () => (await unwrap(api.GET("/follow-ups", { params: { query: { ...query, limit: 200 } } }))).items,
  });

export const availabilityQuery = (staffId: string, date: string, days: number) =>
  queryOptions({
    queryKey: ["availability", staffId, date, days],
    queryFn: () => unwrap(api.GET("/availability", { params: { query: { staffId, date, days } } })),
  });

export const servicesQuery = (inactive = false) =>
  queryOptions({
    queryKey: ["services", inactive],
    staleTime: day,
    queryFn: async () => (await unwrap(api.GET("/services", { params: { query: { inactive, limit: 500 } } }))).items,
  });

export const staffQuery = (inactive = false) =>
  queryOptions({
    queryKey: ["staff", inactive],
    staleTime: day,
    queryFn: async () => (await unwrap(api.GET("/staff", { params: { query: { inactive, limit: 500 } } }))).items,
  });

export const filesQuery = (contactId: string) =>
  queryOptions({
    queryKey: ["files", contactId],
    queryFn: async () => (await unwrap(api.GET("/files", { params: { query: { contactId, limit: 200 } } }))).items,
  });

/** Asked for now and then, because what is wrong is nobody's change and no event tells it; oftener while it is. */
export const conditionsQuery = queryOptions({
  queryKey: ["conditions"],
  queryFn: async () => (await unwrap(api.GET("/conditions"))).items,
  refetchInterval: (query) => (query.state.data?.length ? 5_000 : 20_000),
  staleTime: 5_000,
});

export const connectionsQuery = queryOptions({
  queryKey: ["connections"],
  queryFn: async () => (await unwrap(api.GET("/connections"))).items,
});

/** Sign-ins of another account than expected, which wait for the user's word. */
export const otherAccountsQuery = queryOptions({
  queryKey: ["connections", "pending"],
  queryFn: async () => (await unwrap(api.GET("/connections/pending"))).items,
});

export const googleReadinessQuery = queryOptions({
  queryKey: ["connections", "google"],
  queryFn: () => unwrap(api.GET("/connections/google")),
});

/** Disconnects that remove something first; looked at often while one goes on. */
export const leavingsQuery = queryOptions({
  queryKey: ["connections", "leavings"],
  queryFn: async () => (await unwrap(api.GET("/connections/leavings"))).items,
  refetchInterval: ({ state }) => (state.data?.some((leaving) => !leaving.receipt) ? 1500 : false),
});

export const sharingQuery = queryOptions({
  queryKey: ["connections", "sharing"],
  queryFn: async () => (await unwrap(api.GET("/connections/sharing"))).items,
});

export const connectionUsesQuery = infiniteQueryOptions({
  queryKey: ["connections", "uses"],
  queryFn: ({ pageParam }) =>
    unwrap(api.GET("/connections/uses-by-day", { params: { query: { limit: 20, ...cursor(pageParam) } } })),
  ...paged,
});

export const connectionLogQuery = infiniteQueryOptions({
  queryKey: ["connections", "log"],
  queryFn: ({ pageParam }) =>
    unwrap(api.GET("/connections/log", { params: { query: { limit: 20, ...cursor(pageParam) } } })),
  ...paged,
});

export const mySignInsQuery = infiniteQueryOptions({
  queryKey: ["sessions", "sign-ins"],
  queryFn: ({ pageParam }) =>
    unwrap(api.GET("/me/sign-ins", { params: { query: { limit: 20, ...cursor(pageParam) } } })),
  ...paged,
});

export const privacyAddressQuery = queryOptions({
  queryKey: ["privacy"],
  queryFn: () => unwrap(api.GET("/privacy")),
});

export const privacyQuery = (slug: string) =>
  queryOptions({
    queryKey: ["privacy", slug],
    queryFn: () => unwrap(api.GET("/privacy/{slug}", { params: { path: { slug } } })),
  });

export const privacyVersionQuery = (slug: string, number: number) =>
  queryOptions({
    queryKey: ["privacy", slug, number],
    queryFn: () => unwrap(api.GET("/privacy/{slug}/versions/{number}", { params: { path: { slug, number } } })),
  });

export const controllerQuery = queryOptions({
  queryKey: ["controller"],
  queryFn: () => unwrap(api.GET("/controller")),
});

export const pluginsQuery = queryOptions({
  queryKey: ["plugins"],
  queryFn: async () => (await unwrap(api.GET("/plugins"))).items,
});

export const pluginQuery = (pluginId: string) =>
  queryOptions({
    queryKey: ["plugins", pluginId],
    queryFn: () => unwrap(api.GET("/plugins/{pluginId}", { params: { path: { pluginId } } })),
  });

export const syncQuery = queryOptions({
  queryKey: ["sync"],
  queryFn: async () => (await unwrap(api.GET("/sync"))).items,
});

export const syncConflictsQuery = queryOptions({
  queryKey: ["sync", "conflicts"],
  queryFn: async () => (await unwrap(api.GET("/sync/conflicts"))).items,
});

export const auditQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ["audit-events", filter],
    queryFn: ({ pageParam }) =>
      unwrap(api.GET("/audit-events", { params: { query: { ...filter, limit: 50, ...cursor(pageParam) } } })),
    ...paged,
  });

/** Reads the whole log, so nothing of it is kept for the next time. */
export const auditProofQuery = queryOptions({
  queryKey: ["audit-events", "proof"],
  queryFn: () => unwrap(api.GET("/audit-events/proof")),
  gcTime: 0,
});

export const usersQuery = queryOptions({
  queryKey: ["users"],
  queryFn: async () => (await unwrap(api.GET("/users", { params: { query: { limit: 200 } } }))).items,
});

export const ownSessionsQuery = queryOptions({
  queryKey: ["sessions"],
  queryFn: async () => (await unwrap(api.GET("/sessions"))).items,
});
