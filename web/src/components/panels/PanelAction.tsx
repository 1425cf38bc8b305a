// SPDX-License-Identifier: Apache-2.0
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../../api/client";
import { toast } from "../../lib/toast";
import { ProblemAlert } from "../ProblemAlert";
import { SchemaForm } from "../plugins/SchemaForm";
import type { ObjectSchema, Values } from "../plugins/schema";
import { asNode, type Node, textOf } from "./tree";

/** Posts the action; what it may do is the server's to judge. The panel is drawn anew afterwards. */
function useAction(plugin: string, actionName: string) {
  const { t } = useTranslation();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (args: Values) =>
      unwrap(
        api.POST("/plugins/{pluginId}/actions/{actionName}", {
          params: { path: { pluginId: plugin, actionName } },
          body: { args },
        }),
      ),
    onSuccess: (answer) => {
      toast(textOf(asNode(answer.result)?.notice).slice(0, 500) || t("panels.done"));
      void client.invalidateQueries({ queryKey: ["sync"] });
      return client.invalidateQueries({ queryKey: ["panel", plugin] });
    },
  });
}

export function PanelAction({ plugin, node }: { plugin: string; node: Node }) {
  const { t } = useTranslation();
  const run = useAction(plugin, textOf(node.action));
  const [asking, ask] = useDisclosure(false);
  const label = textOf(node.label);
  const confirm = textOf(node.confirm);
  const start = () => run.mutate(asNode(node.args) ?? {});
  const bad = node.tone === "bad";
  return (
    <div>
      <Button
        size="xs"
        variant={node.tone === "primary" ? "filled" : "default"}
        c={bad ? "var(--danger)" : undefined}
        loading={run.isPending}
        onClick={confirm ? ask.open : start}
      >
        {label}
      </Button>
      <ProblemAlert error={run.error} compact />
      <Modal opened={asking} onClose={ask.close} title={label} closeButtonProps={{ "aria-label": t("common.close") }}>
        <Stack>
          <Text size="sm">{confirm}</Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={ask.close}>
              {t("common.cancel")}
            </Button>
            <Button
              color={bad ? "red.9" : undefined}
              onClick={() => {
                ask.close();
                start();
              }}
            >
              {label}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </div>
  );
}

export function PanelForm({ plugin, node }: { plugin: string; node: Node }) {
  const run = useAction(plugin, textOf(node.action));
  const schema = asNode(node.schema) as ObjectSchema | undefined;
  if (!schema) return null;
  return (
    <div>
      <SchemaForm
        schema={schema}
        values={(asNode(node.values) ?? {}) as Values}
        saving={run.isPending}
        error={run.error}
        submit={textOf(node.submit) || textOf(node.title)}
        onSave={(values) => run.mutate(values)}
      />
    </div>
  );
}
