// SPDX-License-Identifier: Apache-2.0
import "./lib/trusted-types";
import "./app/styles";
import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { sessionQuery } from "./api/queries";
import { queryClient } from "./app/query";
import { router } from "./app/router";
import { theme } from "./app/theme";
import { applyLanguage, i18nReady } from "./i18n";
import { cspNonce } from "./lib/nonce";

const colorScheme = localStorageColorSchemeManager({ key: "portico-color-scheme" });

async function start(): Promise<void> {
  await i18nReady;
  const session = await queryClient.ensureQueryData(sessionQuery).catch(() => undefined);
  if (session?.me) await applyLanguage(session.me.user.language);
  const root = document.getElementById("root");
  if (!root) throw new Error("index.html has no #root");
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <MantineProvider
          theme={theme}
          defaultColorScheme="auto"
          colorSchemeManager={colorScheme}
          getStyleNonce={() => cspNonce}
        >
          <Notifications position="bottom-center" limit={3} zIndex={500} />
          <RouterProvider router={router} />
        </MantineProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
}

void start();
