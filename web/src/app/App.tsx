// SPDX-License-Identifier: Apache-2.0
import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { cspNonce } from "../lib/nonce";
import { queryClient } from "./query";
import { router } from "./router";
import { theme } from "./theme";

const Notices = lazy(() => import("./Notices"));
const colorScheme = localStorageColorSchemeManager({ key: "portico-color-scheme" });

/** `env` "test" is for jsdom, which has no layout: nothing is animated, nothing hidden for being out of sight. */
export function App({ env = "default" }: { env?: "default" | "test" }) {
  return (
    <QueryClientProvider client={queryClient}>
      <MantineProvider
        theme={theme}
        defaultColorScheme="auto"
        colorSchemeManager={colorScheme}
        getStyleNonce={() => cspNonce}
        env={env}
      >
        <Suspense>
          <Notices />
        </Suspense>
        <RouterProvider router={router} />
      </MantineProvider>
    </QueryClientProvider>
  );
}
