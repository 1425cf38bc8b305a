// SPDX-License-Identifier: Apache-2.0
import { Button, Group } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { Icon } from "../../icons";
import { type Contributed, iconOf, useContributions } from "./contributions";
import type { Subject } from "./Panel";
import classes from "./PanelButtons.module.css";
import type { Point } from "./tree";

const PanelContent = lazy(() => import("./Panel").then((module) => ({ default: module.PanelContent })));

/** One button for each plugin that adds something to this record; what it draws appears below. */
export function PanelButtons({ point, subject }: { point: Point; subject: Subject }) {
  const contributions = useContributions(point);
  const [open, setOpen] = useState<Contributed>();
  if (!contributions.length) return null;
  const toggle = (from: Contributed) => setOpen((now) => (now?.plugin === from.plugin ? undefined : from));
  return (
    <div className={classes.place}>
      <Group gap="xs">
        {contributions.map((from) => (
          <Button
            key={from.plugin}
            size="xs"
            variant="default"
            leftSection={<Icon name={iconOf(from.icon)} size={15} />}
            aria-expanded={open?.plugin === from.plugin}
            onClick={() => toggle(from)}
          >
            {from.title}
          </Button>
        ))}
      </Group>
      <Suspense>
        {open && (
          <section className={classes.panel} aria-label={open.title} data-testid={`panel-${open.plugin}`}>
            <PanelContent key={open.plugin} from={open} point={point} subject={subject} />
          </section>
        )}
      </Suspense>
    </div>
  );
}
