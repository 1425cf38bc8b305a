// SPDX-License-Identifier: Apache-2.0
import { Alert, Button, Group, NumberInput, SegmentedControl, Select, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Service, Staff } from "../api/types";
import { useFormats } from "../app/session";
import { ClientPicker } from "../components/ClientPicker";
import { formatDuration, formatMoney } from "../lib/format";
import { clock, formatDate, minuteOf, shortDate } from "../lib/time";
import { ConflictAlert } from "./ConflictAlert";
import { appointmentInput, blockInput, type Draft, type DraftKind, missing, withService } from "./draft";
import { useBooking } from "./useBooking";

interface Props {
  draft: Draft;
  onChange: (draft: Draft) => void;
  onClose: () => void;
  onMore: () => void;
  staff: Staff[];
  services: Service[];
  outsideHours: boolean;
  inPopover: boolean;
}

/** The small form of an empty slot: client, service, person; Enter saves, "More" opens everything. */
export function QuickForm({ draft, onChange, onClose, onMore, staff, services, outsideHours, inPopover }: Props) {
  const { t } = useTranslation();
  const { language, currency } = useFormats();
  const booking = useBooking();
  const [complaint, setComplaint] = useState<ReturnType<typeof missing>>();
  const save = useMutation({
    mutationFn: async (): Promise<unknown> =>
      draft.kind === "block"
        ? booking.block(blockInput(draft, t("calendar.busyKind.blockTime")))
        : booking.book(appointmentInput(draft)),
    onSuccess: onClose,
  });
  const service = services.find((item) => item.id === draft.serviceId);
  function submit(event: FormEvent) {
    event.preventDefault();
    const reason = missing(draft);
    setComplaint(reason);
    if (!reason) save.mutate();
  }
  const kinds: DraftKind[] = ["appointment", "meeting", "block"];
  const until = clock(Math.min(1439, minuteOf(draft.time) + draft.durationMinutes));
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Text fw={620} size="sm" className="num">
          {formatDate(draft.date, language, shortDate)}, {draft.time}–{until}
        </Text>
        <SegmentedControl
          size="xs"
          fullWidth
          aria-label={t("calendar.kind")}
          value={draft.kind}
          onChange={(kind) => onChange({ ...draft, kind: kind as DraftKind })}
          data={kinds.map((value) => ({ value, label: t(`calendar.newKind.${value}`) }))}
        />
        {draft.kind === "appointment" ? (
          <>
            <ClientPicker
              value={draft.contactId}
              onChange={(contactId) => onChange({ ...draft, contactId })}
              autoFocus
              inPopover={inPopover}
            />
            <Select
              comboboxProps={{ withinPortal: !inPopover }}
              label={t("calendar.service")}
              placeholder={t("calendar.serviceHint")}
              data={services.map((item) => ({ value: item.id, label: item.name }))}
              value={draft.serviceId}
              onChange={(id) =>
                onChange(
                  withService(
                    draft,
                    services.find((item) => item.id === id),
                    service,
                  ),
                )
              }
            />
          </>
        ) : (
          <TextInput
            label={t("calendar.title")}
            data-autofocus
            value={draft.title}
            onChange={(event) => onChange({ ...draft, title: event.currentTarget.value })}
          />
        )}
        <Group grow>
          <Select
            comboboxProps={{ withinPortal: !inPopover }}
            label={t("calendar.staff")}
            allowDeselect={false}
            data={staff.map((item) => ({ value: item.id, label: item.name }))}
            value={draft.staffId}
            onChange={(staffId) => staffId && onChange({ ...draft, staffId })}
          />
          <NumberInput
            label={t("calendar.minutes")}
            min={5}
            max={1440}
            step={5}
            value={draft.durationMinutes}
            onChange={(value) => onChange({ ...draft, durationMinutes: Number(value) || 0 })}
          />
        </Group>
        {service && draft.kind === "appointment" && (
          <Text size="xs" c="dimmed">
            {formatDuration(service.durationMinutes)} ·{" "}
            {formatMoney(service.priceCents, service.currency || currency, language)}
            {service.bufferMinutes > 0 && ` · ${t("calendar.buffer", { count: service.bufferMinutes })}`}
          </Text>
        )}
        {outsideHours && (
          <Text size="xs" c="var(--warn)">
            {t("calendar.outsideHours")}
          </Text>
        )}
        {complaint && (
          <Alert color="yellow" p="xs" role="alert">
            {t(complaint)}
          </Alert>
        )}
        <ConflictAlert error={save.error} />
        <Group justify="space-between">
          <Button variant="subtle" color="gray" onClick={onMore}>
            {t("calendar.more")}
          </Button>
          <Group gap="xs">
            <Button variant="default" onClick={onClose}>
              {t("common.cancel")}
            </Button>
            <Button type="submit" loading={save.isPending} data-testid="slot-save">
              {t("common.save")}
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
}
