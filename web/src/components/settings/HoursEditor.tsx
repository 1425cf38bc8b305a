// SPDX-License-Identifier: Apache-2.0
import { ActionIcon, Button, Fieldset, Group, Stack, Text, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { WorkingHours } from "../../api/types";
import { useFormats } from "../../app/session";
import { weekdays } from "../../calendar/model";
import { Icon } from "../../icons";
import { formatDate } from "../../lib/time";
import classes from "./settings.module.css";

/** True when a span ends before it begins or two overlap. */
export function hoursProblem(hours: WorkingHours): boolean {
  return weekdays.some((day) => {
    const spans = [...(hours[day] ?? [])].sort((a, b) => a.from.localeCompare(b.from));
    return spans.some((span, index) => !span.from || span.from >= span.to || span.from < (spans[index - 1]?.to ?? ""));
  });
}

/** Working hours per weekday; several spans make a break. */
export function HoursEditor({ value, onChange }: { value: WorkingHours; onChange: (hours: WorkingHours) => void }) {
  const { t } = useTranslation();
  const { language } = useFormats();
  return (
    <Fieldset legend={t("staff.hours")} variant="unstyled">
      <Stack gap="xs" mt="xs">
        {weekdays.map((day, index) => {
          const name = formatDate(`1970-01-0${5 + index}`, language, { weekday: "long" });
          const spans = value[day] ?? [];
          const set = (next: typeof spans) => onChange({ ...value, [day]: next });
          return (
            <div key={day} className={classes.day}>
              <b>{name}</b>
              <Stack gap={6}>
                {spans.map((span, at) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: the position is what identifies a line while typing
                  <div key={at} className={classes.span}>
                    <TextInput
                      type="time"
                      size="xs"
                      aria-label={t("staff.from", { day: name })}
                      value={span.from}
                      onChange={(event) => set(spans.with(at, { ...span, from: event.currentTarget.value }))}
                    />
                    <TextInput
                      type="time"
                      size="xs"
                      aria-label={t("staff.to", { day: name })}
                      value={span.to}
                      onChange={(event) => set(spans.with(at, { ...span, to: event.currentTarget.value }))}
                    />
                    <ActionIcon
                      variant="subtle"
                      color="gray"
                      aria-label={t("common.remove")}
                      onClick={() => set(spans.toSpliced(at, 1))}
                    >
                      <Icon name="x" size={15} />
                    </ActionIcon>
                  </div>
                ))}
                <Group gap="xs">
                  {!spans.length && (
                    <Text size="sm" c="dimmed">
                      {t("calendar.off")}
                    </Text>
                  )}
                  <Button
                    size="compact-xs"
                    variant="subtle"
                    aria-label={t("staff.addHours", { day: name })}
                    onClick={() =>
                      set([
                        ...spans,
                        spans.length
                          ? { from: spans.at(-1)?.to ?? "13:00", to: "18:00" }
                          : { from: "09:00", to: "17:00" },
                      ])
                    }
                  >
                    + {t("staff.hoursShort")}
                  </Button>
                </Group>
              </Stack>
            </div>
          );
        })}
      </Stack>
    </Fieldset>
  );
}
