// SPDX-License-Identifier: Apache-2.0
// Parts of records that can come from a connected account, in the reader's words.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { api, unwrap } from "../api/client";
import { sharingQuery } from "../api/queries";
import type { Sharing } from "../api/types";

/** "clients’ names and telephone numbers" */
export function fieldsText(t: TFunction, fields: Sharing["fields"], language: string): string {
  return new Intl.ListFormat(language).format(fields.map((field) => t(`connections.sharing.field.${field}`)));
}

/** "google" by the name that people know. */
export function providerName(provider: string): string {
  return provider.charAt(0).toUpperCase() + provider.slice(1);
}

/** Says yes or no to one plugin's wish; holds at once. */
export function useSetSharing() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ item, allowed }: { item: Sharing; allowed: boolean }) =>
      unwrap(
        api.PUT("/connections/sharing/{pluginId}", {
          params: { path: { pluginId: item.plugin } },
          body: { permission: item.permission, allowed },
        }),
      ),
    onSuccess: (list) => {
      client.setQueryData(sharingQuery.queryKey, list.items);
      void client.invalidateQueries({ queryKey: ["sync"] });
    },
  });
}
