// SPDX-License-Identifier: Apache-2.0
import { ActionIcon, Anchor, Button, FileButton, Group, Menu, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, api, sendRaw, unwrap } from "../../api/client";
import { connectionsQuery, filesQuery, pluginsQuery } from "../../api/queries";
import type { FileRecord } from "../../api/types";
import { Icon } from "../../icons";
import { formatSize } from "../../lib/format";
import { leaveFor } from "../../lib/leave";
import { toast, toastError } from "../../lib/toast";
import { ProblemAlert } from "../ProblemAlert";
import classes from "./ClientFiles.module.css";
import { Section } from "./Section";
import { ShareDialog } from "./ShareDialog";

const drivePlugin = "google-drive";

/** What came back from Google's Picker: said once, then taken out of the URL. */
function usePickResult(contactId: string) {
  const { t } = useTranslation();
  const { picked, problem } = useSearch({ from: "/shell/clients/$contactId" });
  const navigate = useNavigate();
  const client = useQueryClient();
  useEffect(() => {
    if (picked === undefined && !problem) return;
    if (picked) toast(t("files.picked", { count: picked }));
    if (picked === 0) toast(t("files.pickedNone"));
    if (problem)
      toastError(new ApiError({ type: "", title: problem, status: 400, detail: "", instance: "", code: problem }));
    void client.invalidateQueries({ queryKey: ["files", contactId] });
    void navigate({ to: "/clients/$contactId", params: { contactId }, search: {}, replace: true });
  }, [picked, problem, contactId, navigate, client, t]);
}

export function ClientFiles({ contactId }: { contactId: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { data: files, error } = useQuery(filesQuery(contactId));
  const { data: connections } = useQuery(connectionsQuery);
  const { data: plugins } = useQuery(pluginsQuery);
  usePickResult(contactId);
  const hasDrive = connections?.some((item) => item.plugin === drivePlugin && item.state === "connected");
  const canHaveDrive = plugins?.some((item) => item.id === drivePlugin && item.enabled);
  const upload = useMutation({
    mutationFn: (file: File) => {
      const query = new URLSearchParams({ name: file.name, contactId });
      return sendRaw<FileRecord>(`/files?${query}`, file, file.type || "application/octet-stream");
    },
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["files", contactId] });
      void client.invalidateQueries({ queryKey: ["timeline", contactId] });
    },
  });
  const pick = useMutation({
    mutationFn: () =>
      unwrap(api.POST("/files/pick", { body: { contactId, multiple: true, returnTo: `/clients/${contactId}` } })),
    onSuccess: (begun) => leaveFor(begun.authorizationUrl),
  });
  return (
    <Section
      title={t("files.title")}
      actions={
        <FileButton onChange={(file) => file && upload.mutate(file)} inputProps={{ "aria-label": t("files.upload") }}>
          {(props) => (
            <Button {...props} variant="subtle" size="compact-sm" loading={upload.isPending}>
              {t("files.upload")}
            </Button>
          )}
        </FileButton>
      }
    >
      <ProblemAlert error={error ?? upload.error ?? pick.error} compact />
      <Stack gap={4}>
        {files?.map((file) => (
          <FileRow key={file.id} file={file} hasDrive={hasDrive === true} />
        ))}
        {files && !files.length && (
          <Text size="sm" c="dimmed">
            {t("files.none")}
          </Text>
        )}
      </Stack>
      {hasDrive && (
        <Button
          mt="sm"
          size="xs"
          variant="default"
          leftSection={<Icon name="brandDrive" size={16} />}
          loading={pick.isPending}
          onClick={() => pick.mutate()}
          data-testid="attach-from-drive"
        >
          {t("files.attach")}
        </Button>
      )}
      {!hasDrive && canHaveDrive && (
        <Text size="xs" c="dimmed" mt="sm">
          <Anchor component={Link} to="/connections" size="xs">
            {t("files.connectDrive")}
          </Anchor>
        </Text>
      )}
    </Section>
  );
}

function FileRow({ file, hasDrive }: { file: FileRecord; hasDrive: boolean }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [sharing, setSharing] = useState(false);
  const refresh = () => client.invalidateQueries({ queryKey: ["files", file.contactId] });
  const params = { path: { fileId: file.id } };
  const toDrive = useMutation({
    mutationFn: () => unwrap(api.POST("/files/{fileId}/drive", { params })),
    onSuccess: refresh,
    onError: toastError,
  });
  const remove = useMutation({
    mutationFn: () => unwrap(api.DELETE("/files/{fileId}", { params })),
    onSuccess: refresh,
    onError: toastError,
  });
  const { drive } = file;
  const facts = [formatSize(file.size), drive && t(drive.picked ? "files.fromDrive" : `files.drive.${drive.state}`)];
  return (
    <Group gap="sm" wrap="nowrap" className={classes.row} data-testid="file-row">
      <Icon name={drive?.picked ? "brandDrive" : "file"} size={19} />
      <div className={classes.text}>
        <a href={`/api/v1/files/${file.id}/content`} download={file.name}>
          {file.name}
        </a>
        <small>
          {facts.filter(Boolean).join(" · ")}
          {drive && drive.shares.length > 0 && ` · ${t("files.sharedWith", { count: drive.shares.length })}`}
        </small>
        {drive?.reason && <small className={classes.problem}>{drive.reason}</small>}
      </div>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={t("files.actions", { name: file.name })}>
            <Icon name="dots" size={17} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {drive?.webViewLink && (
            <Menu.Item
              component="a"
              href={drive.webViewLink}
              target="_blank"
              rel="noreferrer"
              leftSection={<Icon name="externalLink" />}
            >
              {t("files.openInDrive")}
            </Menu.Item>
          )}
          {hasDrive && (!drive || drive.state === "failed") && (
            <Menu.Item leftSection={<Icon name="cloudUp" />} onClick={() => toDrive.mutate()}>
              {t("files.toDrive")}
            </Menu.Item>
          )}
          {hasDrive && drive?.state === "synced" && (
            <Menu.Item leftSection={<Icon name="share" />} onClick={() => setSharing(true)}>
              {t("files.share")}
            </Menu.Item>
          )}
          <Menu.Item color="red" leftSection={<Icon name="trash" />} onClick={() => remove.mutate()}>
            {t(drive ? "files.deleteHere" : "common.delete")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ShareDialog file={file} opened={sharing} onClose={() => setSharing(false)} />
    </Group>
  );
}
