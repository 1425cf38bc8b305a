// SPDX-License-Identifier: Apache-2.0
import { ActionIcon, Button, Checkbox, Group, Modal, Select, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../../api/client";
import type { FileRecord } from "../../api/types";
import { Icon } from "../../icons";
import { ProblemAlert } from "../ProblemAlert";

const roles = ["reader", "commenter", "writer"] as const;

/** Who can see the Drive copy, and adding one person more. Google sends no e-mail unless asked to. */
export function ShareDialog({ file, opened, onClose }: { file: FileRecord; opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<(typeof roles)[number]>("reader");
  const [notify, setNotify] = useState(false);
  const refresh = () => client.invalidateQueries({ queryKey: ["files", file.contactId] });
  const share = useMutation({
    mutationFn: () =>
      unwrap(
        api.POST("/files/{fileId}/shares", { params: { path: { fileId: file.id } }, body: { email, role, notify } }),
      ),
    onSuccess: () => {
      setEmail("");
      return refresh();
    },
  });
  const unshare = useMutation({
    mutationFn: (shareId: string) =>
      unwrap(api.DELETE("/files/{fileId}/shares/{shareId}", { params: { path: { fileId: file.id, shareId } } })),
    onSuccess: refresh,
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    share.mutate();
  }
  const data = roles.map((value) => ({ value, label: t(`files.role.${value}`) }));
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t("files.shareTitle", { name: file.name })}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <form onSubmit={submit}>
        <Stack>
          <ProblemAlert error={share.error ?? unshare.error} compact />
          {file.drive?.shares.map((item) => (
            <Group key={item.id} justify="space-between" wrap="nowrap">
              <Text size="sm" truncate>
                {item.email} · {t(`files.role.${item.role}`)}
              </Text>
              <ActionIcon
                variant="subtle"
                color="red"
                aria-label={t("files.unshare", { email: item.email })}
                onClick={() => unshare.mutate(item.id)}
              >
                <Icon name="x" size={16} />
              </ActionIcon>
            </Group>
          ))}
          <TextInput
            label={t("files.shareWith")}
            type="email"
            required
            withAsterisk={false}
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <Select
            label={t("files.mayDo")}
            data={data}
            value={role}
            allowDeselect={false}
            onChange={(value) => setRole(roles.find((item) => item === value) ?? "reader")}
          />
          <Checkbox
            label={t("files.notify")}
            checked={notify}
            onChange={(event) => setNotify(event.currentTarget.checked)}
          />
          <Group justify="flex-end">
            <Button type="submit" loading={share.isPending}>
              {t("files.share")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
