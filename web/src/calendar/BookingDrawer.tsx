// SPDX-License-Identifier: Apache-2.0
import {
  Alert,
  Button,
  Checkbox,
  Drawer,
  Group,
  NumberInput,
  SegmentedControl,
  Select,
  Stack,
  Text,
  Textarea,
  TextInput,
} from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Appointment, BlockTime, Service, Staff } from "../api/types";
import { ClientPicker } from "../components/ClientPicker";
import { PanelButtons } from "../components/panels/PanelButtons";
import { SyncChips } from "../components/SyncChips";
import { Icon } from "../icons";
import { ConflictAlert } from "./ConflictAlert";
import {
  appointmentInput,
  blockInput,
  type Draft,
  type DraftKind,
  draftOf,
  draftOfBlock,
  missing,
  withService,
} from "./draft";
import { Participants } from "./Participants";
import { useBooking } from "./useBooking";

/** What the drawer shows: something new, an appointment or meeting, or a block time. */
export type Editing =
  | { kind: "new"; draft: Draft }
  | { kind: "appointment"; item: Appointment }
  | { kind: "block"; item: BlockTime };

interface Props {
  editing: Editing | undefined;
  onClose: () => void;
  onMove: (editing: Editing) => void;
  staff: Staff[];
  services: Service[];
}

export default function BookingDrawer({ editing, onClose, ...rest }: Props) {
  const { t } = useTranslation();
  const title =
    editing?.kind === "new"
      ? t("calendar.new")
      : editing?.kind === "block"
        ? t("calendar.editBlock")
        : t("calendar.edit");
  return (
    <Drawer
      opened={Boolean(editing)}
      onClose={onClose}
      position="right"
      size={460}
      title={title}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      {editing && (
        <BookingForm
          key={editing.kind === "new" ? "new" : editing.item.id}
          editing={editing}
          onClose={onClose}
          {...rest}
        />
      )}
    </Drawer>
  );
}

function firstDraft(editing: Editing): Draft {
  if (editing.kind === "new") return editing.draft;
  return editing.kind === "block" ? draftOfBlock(editing.item) : draftOf(editing.item);
}

function useSave(editing: Editing, draft: Draft, onClose: () => void) {
  const { t } = useTranslation();
  const booking = useBooking();
  const save = useMutation({
    mutationFn: async (): Promise<unknown> => {
      if (draft.kind === "block") {
        const body = blockInput(draft, t("calendar.busyKind.blockTime"));
        return editing.kind === "block" ? booking.changeBlock(editing.item, body) : booking.block(body);
      }
      if (editing.kind !== "appointment") return booking.book(appointmentInput(draft));
      // The form shows the first client only; the others stay.
      const others = editing.item.contactIds.slice(1).filter((id) => id !== draft.contactId);
      return booking.change(
        editing.item,
        appointmentInput(draft, [...(draft.contactId ? [draft.contactId] : []), ...others]),
      );
    },
    onSuccess: onClose,
  });
  const remove = useMutation({
    mutationFn: async () => {
      if (editing.kind === "appointment") await booking.remove(editing.item);
      if (editing.kind === "block") await booking.removeBlock(editing.item);
    },
    onSuccess: onClose,
  });
  const cancel = useMutation({
    mutationFn: async () => {
      if (editing.kind === "appointment") await booking.cancel(editing.item);
    },
    onSuccess: onClose,
  });
  return { save, remove, cancel };
}

function BookingForm({ editing, onClose, onMove, staff, services }: Props & { editing: Editing }) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState(() => firstDraft(editing));
  const [complaint, setComplaint] = useState<ReturnType<typeof missing>>();
  const { save, remove, cancel } = useSave(editing, draft, onClose);
  const set = (part: Partial<Draft>) => setDraft((old) => ({ ...old, ...part }));
  function submit(event: FormEvent) {
    event.preventDefault();
    const reason = missing(draft);
    setComplaint(reason);
    if (!reason) save.mutate();
  }
  const isNew = editing.kind === "new";
  return (
    <>
      {/* Outside the form: what a plugin draws may hold one of its own. */}
      {editing.kind === "appointment" && (
        <PanelButtons point="appointment.action/v1" subject={{ appointment: editing.item.id }} />
      )}
      <form onSubmit={submit}>
        <Stack pb={90}>
          {!isNew && <SyncChips sync={editing.item.sync} />}
          {(isNew || editing.kind === "appointment") && (
            <SegmentedControl
              aria-label={t("calendar.kind")}
              value={draft.kind}
              onChange={(kind) => set({ kind: kind as DraftKind })}
              data={(isNew
                ? (["appointment", "meeting", "block"] as const)
                : (["appointment", "meeting"] as const)
              ).map((value) => ({ value, label: t(`calendar.newKind.${value}`) }))}
            />
          )}
          {draft.kind !== "block" && <ClientField draft={draft} set={set} />}
          {draft.kind === "appointment" && <ServiceField draft={draft} setDraft={setDraft} services={services} />}
          <TextInput
            label={t("calendar.title")}
            value={draft.title}
            onChange={(event) => set({ title: event.currentTarget.value })}
          />
          <TimeFields draft={draft} set={set} staff={staff} />
          {draft.kind === "meeting" && (
            <Participants value={draft.participants} onChange={(participants) => set({ participants })} />
          )}
          {draft.kind !== "block" && (
            <Textarea
              label={t("calendar.notes")}
              autosize
              minRows={2}
              value={draft.notes}
              onChange={(event) => set({ notes: event.currentTarget.value })}
            />
          )}
          {editing.kind === "appointment" && <StatusField draft={draft} set={set} />}
          {complaint && (
            <Alert color="yellow" p="xs" role="alert">
              {t(complaint)}
            </Alert>
          )}
          <ConflictAlert error={save.error ?? remove.error ?? cancel.error} />
          {!isNew && (
            <Group gap="xs">
              <Button
                variant="default"
                size="sm"
                leftSection={<Icon name="move" size={16} />}
                onClick={() => onMove(editing)}
                data-testid="move"
              >
                {t("calendar.move")}
              </Button>
              {editing.kind === "appointment" && editing.item.status !== "cancelled" && (
                <Button variant="default" size="sm" onClick={() => cancel.mutate()} loading={cancel.isPending}>
                  {t("calendar.cancel")}
                </Button>
              )}
              <Button variant="subtle" color="red" size="sm" onClick={() => remove.mutate()} loading={remove.isPending}>
                {t("common.delete")}
              </Button>
            </Group>
          )}
          <Group justify="flex-end" pos="sticky" bottom={0} py="sm" bg="var(--surface)">
            <Button variant="default" onClick={onClose}>
              {t("common.close")}
            </Button>
            <Button type="submit" loading={save.isPending} data-testid="booking-save">
              {t("common.save")}
            </Button>
          </Group>
        </Stack>
      </form>
    </>
  );
}

interface FieldProps {
  draft: Draft;
  set: (part: Partial<Draft>) => void;
}

function ClientField({ draft, set }: FieldProps) {
  const { t } = useTranslation();
  return (
    <div>
      <ClientPicker value={draft.contactId} onChange={(contactId) => set({ contactId })} />
      {draft.contactId && (
        <Text size="xs" mt={4}>
          <Link
            to="/clients/$contactId"
            params={{ contactId: draft.contactId }}
            style={{ display: "inline-block", paddingBlock: 5 }}
          >
            {t("calendar.toClient")}
          </Link>
        </Text>
      )}
    </div>
  );
}

function ServiceField({
  draft,
  setDraft,
  services,
}: {
  draft: Draft;
  setDraft: (draft: Draft) => void;
  services: Service[];
}) {
  const { t } = useTranslation();
  const find = (id: string | null) => services.find((item) => item.id === id);
  return (
    <Select
      label={t("calendar.service")}
      placeholder={t("calendar.serviceHint")}
      clearable
      data={services.map((item) => ({ value: item.id, label: item.name }))}
      value={draft.serviceId}
      onChange={(id) => setDraft(withService(draft, find(id), find(draft.serviceId)))}
      clearButtonProps={{ "aria-label": t("common.clear") }}
    />
  );
}

function TimeFields({ draft, set, staff }: FieldProps & { staff: Staff[] }) {
  const { t } = useTranslation();
  const allDay = draft.kind === "block" && draft.allDay;
  return (
    <>
      <Select
        label={t("calendar.staff")}
        allowDeselect={false}
        data={staff.map((item) => ({ value: item.id, label: item.name }))}
        value={draft.staffId}
        onChange={(staffId) => staffId && set({ staffId })}
      />
      <Group grow align="flex-start">
        <TextInput
          label={t("calendar.date")}
          type="date"
          required
          withAsterisk={false}
          value={draft.date}
          onChange={(event) => set({ date: event.currentTarget.value })}
        />
        {!allDay && (
          <TextInput
            label={t("calendar.time")}
            type="time"
            required
            withAsterisk={false}
            value={draft.time}
            onChange={(event) => set({ time: event.currentTarget.value })}
          />
        )}
        {!allDay && (
          <NumberInput
            label={t("calendar.minutes")}
            min={5}
            max={1440}
            step={5}
            value={draft.durationMinutes}
            onChange={(value) => set({ durationMinutes: Number(value) || 0 })}
          />
        )}
      </Group>
      {draft.kind === "block" && (
        <Checkbox
          label={t("calendar.allDay")}
          checked={draft.allDay}
          onChange={(event) =>
            set({ allDay: event.currentTarget.checked, durationMinutes: event.currentTarget.checked ? 1440 : 60 })
          }
        />
      )}
    </>
  );
}

const statuses = ["confirmed", "completed", "noShow", "cancelled"] as const;
function StatusField({ draft, set }: FieldProps) {
  const { t } = useTranslation();
  return (
    <Select
      label={t("calendar.statusLabel")}
      allowDeselect={false}
      data={statuses.map((value) => ({ value, label: t(`calendar.status.${value}`) }))}
      value={draft.status}
      onChange={(value) => set({ status: statuses.find((item) => item === value) ?? "confirmed" })}
    />
  );
}
