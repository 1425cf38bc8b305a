// SPDX-License-Identifier: Apache-2.0
import { Alert } from "@mantine/core";
import { useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "../icons";

function subscribe(change: () => void): () => void {
  window.addEventListener("online", change);
  window.addEventListener("offline", change);
  return () => {
    window.removeEventListener("online", change);
    window.removeEventListener("offline", change);
  };
}

export function OfflineNotice() {
  const { t } = useTranslation();
  const online = useSyncExternalStore(subscribe, () => navigator.onLine);
  if (online) return null;
  return (
    <Alert color="yellow" radius={0} icon={<Icon name="cloudOff" />} role="status">
      {t("error.offline")}
    </Alert>
  );
}
