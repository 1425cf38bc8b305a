// SPDX-License-Identifier: Apache-2.0
import { Modal, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Contributed } from "./contributions";
import { PanelContent, type Subject } from "./Panel";
import type { Point } from "./tree";

interface Props {
  from: Contributed | undefined;
  point: Point;
  subject?: Subject;
  onClose: () => void;
}

/** What a plugin draws when it is asked to: commands and buttons of other screens. */
export default function PanelDialog({ from, point, subject, onClose }: Props) {
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
