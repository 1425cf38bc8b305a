// SPDX-License-Identifier: Apache-2.0
import { Button, Group } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { Icon } from "../../icons";
import { type Contributed, iconOf, useContributions } from "./contributions";
import type { Subject } from "./Panel";
import type { Point } from "./tree";

const PanelDialog = lazy(() => import("./PanelDialog"));

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
      <Suspense>
        {open && <PanelDialog from={open} point={point} subject={subject} onClose={() => setOpen(undefined)} />}
      </Suspense>
    </Group>
  );
}
