// SPDX-License-Identifier: Apache-2.0
import { Button, Checkbox, Group, Modal, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../../api/client";
import type { Plugin } from "../../api/types";
import { toast } from "../../lib/toast";
import { ProblemAlert } from "../ProblemAlert";
import classes from "./plugins.module.css";

interface Props {
  plugin: Plugin;
  opened: boolean;
  onClose: () => void;
}

/** Switching off, and what becomes of the plugin's data. Erasing says beforehand what goes and what stays. */
export function DisableDialog({ plugin, opened, onClose }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [data, setData] = useState<"keep" | "erase">("keep");
  const disable = useMutation({
    mutationFn: () =>
      unwrap(api.POST("/plugins/{pluginId}/disable", { params: { path: { pluginId: plugin.id } }, body: { data } })),
    onSuccess: ({ erased, name }) => {
      toast(
        erased
          ? t("plugins.disable.erased", { name, stored: erased.stored, connections: erased.connections })
          : t("plugins.disable.done", { name }),
      );
      onClose();
      void client.invalidateQueries({ queryKey: ["connections"] });
      return client.invalidateQueries({ queryKey: ["plugins"] });
    },
  });
  const accounts = plugin.people?.filter((person) => person.connections.length > 0).length ?? 0;
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t("plugins.disable.title", { name: plugin.name })}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <Stack>
        <Text size="sm">{t(data === "erase" ? "plugins.disable.stopText" : "plugins.disable.keepText")}</Text>
        <Checkbox
          label={t("plugins.disable.erase")}
          checked={data === "erase"}
          onChange={(event) => setData(event.currentTarget.checked ? "erase" : "keep")}
          data-testid="disable-erase"
        />
        {data === "erase" && (
          <div>
            <Text size="sm">{t("plugins.disable.eraseText")}</Text>
            <ul className={classes.asks}>
              {plugin.settings && <li>{t("plugins.disable.eraseSettings")}</li>}
              <li>{t("plugins.disable.eraseStore")}</li>
              {plugin.asks.streams.length > 0 && <li>{t("plugins.disable.eraseLinks")}</li>}
              {accounts > 0 && <li>{t("plugins.disable.eraseAccounts", { count: accounts })}</li>}
            </ul>
            <Text size="sm" mt="xs">
              {t("plugins.disable.stays")}
            </Text>
          </div>
        )}
        <ProblemAlert error={disable.error} compact />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button
            color={data === "erase" ? "red.9" : undefined}
            onClick={() => disable.mutate()}
            loading={disable.isPending}
            data-testid="disable-confirm"
          >
            {t(data === "erase" ? "plugins.disable.confirmErase" : "plugins.disable.confirm")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
