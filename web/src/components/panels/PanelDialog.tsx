// SPDX-License-Identifier: Apache-2.0
import { Button, Group, Modal, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "../../icons";
import { type Contributed, iconOf, useContributions } from "./contributions";
import { PanelContent, type Subject } from "./Panel";
import type { Point } from "./tree";

interface Props {
  from: Contributed | undefined;
  point: Point;
  subject?: Subject;
  onClose: () => void;
}

/** What a plugin draws when it is asked to: commands and buttons of other screens. */
export function PanelDialog({ from, point, subject, onClose }: Props) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={from !== undefined}
      onClose={onClose}
      title={from?.title}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      {from && (
        <>
          <PanelContent from={from} point={point} subject={subject} />
          <Text size="xs" c="dimmed" mt="md">
            {t("panels.from", { name: from.pluginName })}
          </Text>
        </>
      )}
    </Modal>
  );
}

/** One button for each plugin that adds something to this record. */
export function PanelButtons({ point, subject }: { point: Point; subject: Subject }) {
  const contributions = useContributions(point);
  const [open, setOpen] = useState<Contributed>();
  if (!contributions.length) return null;
  return (
    <Group gap="xs">
      {contributions.map((from) => (
        <Button
          key={from.plugin}
          size="xs"
          variant="default"
          leftSection={<Icon name={iconOf(from.icon)} size={15} />}
          onClick={() => setOpen(from)}
        >
          {from.title}
        </Button>
      ))}
      <PanelDialog from={open} point={point} subject={subject} onClose={() => setOpen(undefined)} />
    </Group>
  );
}
