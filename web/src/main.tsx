// SPDX-License-Identifier: Apache-2.0
import "./lib/trusted-types";
import "./app/styles";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { sessionQuery } from "./api/queries";
import { App } from "./app/App";
import { queryClient } from "./app/query";
import { applyLanguage, i18nReady } from "./i18n";

async function start(): Promise<void> {
  await i18nReady;
  const session = await queryClient.ensureQueryData(sessionQuery).catch(() => undefined);
  if (session?.me) await applyLanguage(session.me.user.language);
  const root = document.getElementById("root");
  if (!root) throw new Error("index.html has no #root");
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}

void start();
