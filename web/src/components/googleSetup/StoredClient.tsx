// SPDX-License-Identifier: Apache-2.0
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../../api/client";
import type { GoogleSetup } from "../../api/types";
import { ProblemAlert } from "../ProblemAlert";
import { instantText } from "./instantText";

interface Props {
  setup: GoogleSetup;
  onChange: () => void;
  onForgotten: (setup: GoogleSetup) => void;
}

/** What is known of the client that was set: never the secret. */
export function StoredClient({ setup, onChange, onForgotten }: Props) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const { hint, setAt, connections } = setup.client;
  const forget = useMutation({
    mutationFn: () => unwrap(api.DELETE("/setup/google/client")),
    onSuccess: (now) => {
      setAsking(false);
      onForgotten(now);
    },
  });
  return (
    <Stack gap="sm">
      <Text size="sm" className="num" data-testid="stored-client">
        {t("googleSetup.enter.stored", { hint, at: instantText(setAt ?? "") })}
      </Text>
      <Group>
        <Button variant="default" onClick={onChange}>
          {t("googleSetup.enter.change")}
        </Button>
        <Button variant="default" color="red" onClick={() => setAsking(true)} data-testid="forget-client">
          {t("googleSetup.enter.forget")}
        </Button>
      </Group>
      <Modal
        opened={asking}
        onClose={() => setAsking(false)}
        title={t("googleSetup.enter.forgetTitle")}
        closeButtonProps={{ "aria-label": t("common.close") }}
      >
        <Text size="sm">{t("googleSetup.enter.forgetText", { number: connections })}</Text>
        <ProblemAlert error={forget.error} />
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={() => setAsking(false)}>
            {t("googleSetup.enter.cancel")}
          </Button>
          <Button
            color="red.9"
            loading={forget.isPending}
            onClick={() => forget.mutate()}
            data-testid="forget-client-confirm"
          >
            {t("googleSetup.enter.forget")}
          </Button>
        </Group>
      </Modal>
    </Stack>
  );
}
