// SPDX-License-Identifier: Apache-2.0
import { Alert, Button, FileButton, Group, List, Stack, Table, Text, Title } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, sendRaw, unwrap } from "../api/client";
import type { Import } from "../api/types";
import { EmptyState } from "../components/EmptyState";
import { LinkButton } from "../components/LinkButton";
import { Page } from "../components/Page";
import { ProblemAlert } from "../components/ProblemAlert";
import { Icon } from "../icons";

/** Choose a file, see what would happen, let it happen, take it back. */
export default function ImportClients() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const refresh = () => client.invalidateQueries({ queryKey: ["contacts"] });
  const preview = useMutation({
    mutationFn: (file: File) =>
      sendRaw<Import>(`/contacts/imports?${new URLSearchParams({ name: file.name })}`, file, "text/csv"),
    onMutate: () => {
      commit.reset();
      undo.reset();
    },
  });
  const commit = useMutation({
    mutationFn: (importId: string) =>
      unwrap(api.POST("/contacts/imports/{importId}/commit", { params: { path: { importId } } })),
    onSuccess: refresh,
  });
  const undo = useMutation({
    mutationFn: (importId: string) =>
      unwrap(api.POST("/contacts/imports/{importId}/undo", { params: { path: { importId } } })),
    onSuccess: refresh,
  });
  const current = undo.data ?? commit.data ?? preview.data;
  const choose = (
    <FileButton
      accept=".csv,text/csv"
      onChange={(file) => file && preview.mutate(file)}
      inputProps={{ "aria-label": t("import.choose") }}
    >
      {(props) => (
        <Button
          {...props}
          variant={current ? "default" : "filled"}
          leftSection={<Icon name="upload" />}
          loading={preview.isPending}
        >
          {t(current ? "import.chooseOther" : "import.choose")}
        </Button>
      )}
    </FileButton>
  );
  return (
    <Page title={t("import.title")} intro={t("import.intro")}>
      <Stack>
        <ProblemAlert error={preview.error ?? commit.error ?? undo.error} />
        {!current && (
          <div className="card">
            <EmptyState icon="importIcon" title={t("import.startTitle")} text={t("import.startText")}>
              {choose}
            </EmptyState>
          </div>
        )}
        {current?.state === "preview" && (
          <Preview item={current}>
            {choose}
            <Button
              onClick={() => commit.mutate(current.id)}
              loading={commit.isPending}
              disabled={!current.ready}
              data-testid="import-commit"
            >
              {t("import.commit", { count: current.ready })}
            </Button>
          </Preview>
        )}
        {current?.state === "committed" && (
          <Done title={t("import.done", { count: current.created })}>
            <LinkButton to="/clients">{t("import.toClients")}</LinkButton>
            <Button
              variant="default"
              leftSection={<Icon name="undo" />}
              onClick={() => undo.mutate(current.id)}
              loading={undo.isPending}
              data-testid="import-undo"
            >
              {t("import.undo")}
            </Button>
          </Done>
        )}
        {current?.state === "undone" && (
          <Done title={t("import.undone")} text={current.kept ? t("import.kept", { count: current.kept }) : undefined}>
            {choose}
          </Done>
        )}
      </Stack>
    </Page>
  );
}

function Done({ title, text, children }: { title: string; text?: string; children: React.ReactNode }) {
  return (
    <Alert color="pine" icon={<Icon name="circleCheck" />} title={title} role="status">
      {text && <Text size="sm">{text}</Text>}
      <Group mt="sm">{children}</Group>
    </Alert>
  );
}

function Preview({ item, children }: { item: Import; children: React.ReactNode }) {
  const { t } = useTranslation();
  return (
    <>
      <div className="card" style={{ padding: 20 }}>
        <Title order={2} size="h4">
          {t("import.found", { count: item.total, name: item.name ?? "" })}
        </Title>
        <List size="sm" mt="xs">
          <List.Item>{t("import.ready", { count: item.ready })}</List.Item>
          {item.duplicates > 0 && <List.Item>{t("import.duplicates", { count: item.duplicates })}</List.Item>}
          {item.errorCount > 0 && <List.Item>{t("import.errors", { count: item.errorCount })}</List.Item>}
          <List.Item>{t("import.encoding", { encoding: item.encoding })}</List.Item>
        </List>
        <Group mt="md">{children}</Group>
      </div>
      {item.errorCount > 0 && (
        <Alert color="yellow" icon={<Icon name="alert" />} title={t("import.errorsTitle")}>
          <List size="sm">
            {item.errors.map((error) => (
              <List.Item key={`${error.row}${error.column}${error.message}`}>
                {t("import.row", { row: error.row })}
                {error.column && ` (${error.column})`}: {error.message}
              </List.Item>
            ))}
          </List>
        </Alert>
      )}
      <div className="card" style={{ overflowX: "auto" }}>
        <Table verticalSpacing="sm" horizontalSpacing="md" aria-label={t("import.sample")}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("import.column.row")}</Table.Th>
              <Table.Th>{t("import.column.name")}</Table.Th>
              <Table.Th>{t("import.column.email")}</Table.Th>
              <Table.Th>{t("import.column.phone")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {item.sample.map((row) => (
              <Table.Tr key={row.row}>
                <Table.Td className="num">{row.row}</Table.Td>
                <Table.Td>
                  {row.displayName}
                  {row.duplicateOf && ` · ${t("import.isDuplicate")}`}
                </Table.Td>
                <Table.Td>{row.email}</Table.Td>
                <Table.Td className="num">{row.phone}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </>
  );
}
