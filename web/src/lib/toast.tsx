// SPDX-License-Identifier: Apache-2.0
import { Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import i18next from "i18next";
import { problemText } from "./problem";

const closeButtonProps = () => ({ "aria-label": i18next.t("common.close") });

export function toast(message: string): void {
  notifications.show({ message, color: "pine", autoClose: 4000, closeButtonProps: closeButtonProps() });
}

export function toastError(error: unknown): void {
  notifications.show({
    message: problemText(i18next.t, error),
    color: "red",
    autoClose: 8000,
    closeButtonProps: closeButtonProps(),
  });
}

/** "Cancelled. [Undo]" for 8 seconds; pointing at it stops the clock. Undoing is a normal write and may be refused. */
export function toastUndo(message: string, undo: () => Promise<unknown>): void {
  const id = crypto.randomUUID();
  const run = () => {
    notifications.hide(id);
    undo().catch(toastError);
  };
  notifications.show({
    id,
    color: "pine",
    autoClose: 8000,
    closeButtonProps: closeButtonProps(),
    message: (
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm">{message}</Text>
        <Button size="compact-sm" variant="light" onClick={run}>
          {i18next.t("common.undo")}
        </Button>
      </Group>
    ),
  });
}
