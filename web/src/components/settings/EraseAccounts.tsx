// SPDX-License-Identifier: Apache-2.0
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../../api/client";
import { Section } from "../client/Section";
import { Erased } from "../connections/Erased";
import { ProblemAlert } from "../ProblemAlert";

/** Deletion on request, signed in: every connected account with its history, in one step. */
export function EraseAccounts() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [opened, setOpened] = useState(false);
  const erase = useMutation({
    mutationFn: () => unwrap(api.POST("/me/erasure", { body: { ifUnreachable: "retry" } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["connections"] }),
  });
  function close() {
    setOpened(false);
    erase.reset();
  }
  return (
    <Section title={t("erasure.title")}>
      <Stack>
        <Text size="sm">{t("erasure.text")}</Text>
        <Group>
          <Button variant="default" color="red" onClick={() => setOpened(true)} data-testid="erase-accounts">
            {t("erasure.open")}
          </Button>
        </Group>
      </Stack>
      <Modal
        opened={opened}
        onClose={close}
        title={t(erase.data ? "erasure.done" : "erasure.sure")}
        closeButtonProps={{ "aria-label": t("common.close") }}
      >
        {erase.data ? (
          <Erased erasure={erase.data} />
        ) : (
          <Stack>
            <Text size="sm">{t("erasure.goes")}</Text>
            <Text size="sm">{t("erasure.stays")}</Text>
            <ProblemAlert error={erase.error} compact />
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                {t("common.cancel")}
              </Button>
              <Button
                color="red.9"
                onClick={() => erase.mutate()}
                loading={erase.isPending}
                data-testid="erase-confirm"
              >
                {t("erasure.confirm")}
              </Button>
            </Group>
          </Stack>
        )}
      </Modal>
    </Section>
  );
}
