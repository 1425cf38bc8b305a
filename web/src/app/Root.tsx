// SPDX-License-Identifier: Apache-2.0
import { Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { useEffect } from "react";
import { onSignedOut } from "./query";
import { forgetMe } from "./session";

/** Watches for a session that ended: the user is asked to sign in and brought back to where they were. */
export function Root() {
  const navigate = useNavigate();
  const href = useRouterState({ select: (state) => state.location.href });
  useEffect(
    () =>
      onSignedOut(() => {
        forgetMe();
        void navigate({ to: "/signin", search: { to: href.startsWith("/signin") ? undefined : href } });
      }),
    [navigate, href],
  );
  return <Outlet />;
}
