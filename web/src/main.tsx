// SPDX-License-Identifier: Apache-2.0
import "./lib/trusted-types";
import "./app/styles";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { sessionQuery } from "./api/queries";
import { App } from "./app/App";
import { queryClient } from "./app/query";
import { startI18n } from "./i18n";

async function start(): Promise<void> {
  const session = await queryClient.ensureQueryData(sessionQuery).catch(() => undefined);
  await startI18n(session?.me?.user.language);
  const root = document.getElementById("root");
  if (!root) throw new Error("index.html has no #root");
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}

void start();
