// SPDX-License-Identifier: Apache-2.0
import { Alert, Button, FileButton, Group, Modal, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, api, unwrap } from "../../api/client";
import type { GoogleSetup } from "../../api/types";
import { ProblemAlert } from "../ProblemAlert";
import { type ClientFile, looksLikeClientId, readClientFile } from "./clientFile";

interface Props {
  setup: GoogleSetup;
  onSaved: (setup: GoogleSetup) => void;
  onCancel?: () => void;
}

/** Client id and secret, from the downloaded file or pasted. The secret leaves the page with the request and is dropped. */
export function ClientForm({ setup, onSaved, onCancel }: Props) {
  const { t } = useTranslation();
  const [id, setId] = useState("");
  const [secret, setSecret] = useState("");
  const [file, setFile] = useState<ClientFile>();
  const [asking, setAsking] = useState(false);
  const save = useMutation({
    mutationFn: (replace: boolean) =>
      unwrap(api.PUT("/setup/google/client", { body: { clientId: id.trim(), clientSecret: secret.trim(), replace } })),
    onSuccess: (now) => {
      setSecret("");
      onSaved(now);
    },
    onError: (error) => setAsking(error instanceof ApiError && error.code === "client_in_use"),
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    save.mutate(false);
  }
  async function take(chosen: File | null) {
    if (!chosen) return;
    const found = readClientFile(await chosen.text(), setup.redirectUri);
    setFile(found);
    if (found.id) setId(found.id);
    if (found.secret) setSecret(found.secret);
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Text size="sm">{t("googleSetup.enter.text")}</Text>
        <div>
          <FileButton
            onChange={(chosen) => void take(chosen)}
            accept="application/json,.json"
            inputProps={{ "aria-label": t("googleSetup.enter.file") }}
          >
            {(props) => (
              <Button variant="default" {...props}>
                {t("googleSetup.enter.file")}
              </Button>
            )}
          </FileButton>
        </div>
        {file?.problem && <Alert color="yellow">{t(`googleSetup.enter.${file.problem}`)}</Alert>}
        {file?.registered === false && (
          <Alert color="yellow" data-testid="not-registered">
            {t("googleSetup.enter.notRegistered", { uri: setup.redirectUri })}
          </Alert>
        )}
        <TextInput
          label={t("googleSetup.enter.id")}
          placeholder={t("googleSetup.enter.idHint")}
          description={id && !looksLikeClientId(id.trim()) ? t("googleSetup.enter.idOdd") : undefined}
          value={id}
          onChange={(event) => setId(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
          required
          withAsterisk={false}
        />
        <PasswordInput
          label={t("googleSetup.enter.secret")}
          value={secret}
          onChange={(event) => setSecret(event.currentTarget.value)}
          autoComplete="off"
          required
          withAsterisk={false}
        />
        {!asking && <ProblemAlert error={save.error} />}
        {save.error instanceof ApiError && save.error.code === "client_refused" && (
          <Text size="xs" c="dimmed">
            {save.error.problem.detail}
          </Text>
        )}
        <Group>
          <Button type="submit" loading={save.isPending} data-testid="save-client">
            {t("googleSetup.enter.save")}
          </Button>
          {onCancel && (
            <Button variant="default" onClick={onCancel}>
              {t("googleSetup.enter.cancel")}
            </Button>
          )}
        </Group>
      </Stack>
      <Modal
        opened={asking}
        onClose={() => setAsking(false)}
        title={t("googleSetup.enter.replaceTitle")}
        closeButtonProps={{ "aria-label": t("common.close") }}
      >
        <Text size="sm">{t("googleSetup.enter.replaceText", { number: setup.client.connections })}</Text>
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={() => setAsking(false)}>
            {t("googleSetup.enter.cancel")}
          </Button>
          <Button
            onClick={() => {
              setAsking(false);
              save.mutate(true);
            }}
            data-testid="replace-client"
          >
            {t("googleSetup.enter.replace")}
          </Button>
        </Group>
      </Modal>
    </form>
  );
}
