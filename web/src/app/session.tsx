// SPDX-License-Identifier: Apache-2.0
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, setCsrfToken, unwrap } from "../api/client";
import { sessionQuery } from "../api/queries";
import type { Me, Role, SessionState } from "../api/types";
import { applyLanguage } from "../i18n";
import { forgetEvents } from "./live";
import { queryClient } from "./query";

/** Puts the answer of a sign-in, or of a change to oneself, where every screen reads it. */
export function rememberMe(me: Me): void {
  setCsrfToken(me.csrfToken);
  queryClient.setQueryData<SessionState>(sessionQuery.queryKey, (old) => ({
    setupNeeded: false,
    ...old,
    demo: me.demo,
    signedIn: true,
    me,
    csrfToken: me.csrfToken,
  }));
  void applyLanguage(me.user.language);
}

/** The session ended elsewhere: everything that was read is dropped. */
export function forgetMe(): void {
  const old = queryClient.getQueryData(sessionQuery.queryKey);
  forgetEvents();
  queryClient.clear();
  setCsrfToken("");
  const state = { setupNeeded: false, demo: old?.demo ?? false, signedIn: false, me: null, csrfToken: null };
  queryClient.setQueryData<SessionState>(sessionQuery.queryKey, state);
}

export function useMe(): Me {
  const { data } = useQuery(sessionQuery);
  if (!data?.me) throw new Error("useMe is for pages behind the sign-in");
  return data.me;
}

const rank: Record<Role, number> = { staff: 0, admin: 1, owner: 2 };
export function useRole(): { role: Role; isAdmin: boolean } {
  const { role } = useMe().user;
  return { role, isAdmin: rank[role] >= rank.admin };
}

export function useTenant() {
  return useMe().tenant;
}

export function useFormats() {
  const { i18n } = useTranslation();
  const { locale, timeZone, currency } = useTenant();
  // The business says which English (or German) its dates are written in; another language has its own.
  const language = locale.startsWith(i18n.language) ? locale : i18n.language === "en" ? "en-GB" : i18n.language;
  return { language, zone: timeZone, currency };
}

export function useSignOut() {
  const client = useQueryClient();
  return async () => {
    await unwrap(api.DELETE("/session")).catch(() => undefined);
    client.cancelQueries();
    forgetMe();
    location.assign("/signin");
  };
}
