// SPDX-License-Identifier: Apache-2.0
import { Badge, Button, ColorInput, Group, Modal, NumberInput, Stack, Switch, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ifMatch, unwrap } from "../../api/client";
import { servicesQuery } from "../../api/queries";
import type { Service } from "../../api/types";
import { useFormats, useTenant } from "../../app/session";
import { formatDuration, formatMoney } from "../../lib/format";
import { EmptyState } from "../EmptyState";
import { ProblemAlert } from "../ProblemAlert";
import classes from "./settings.module.css";

export const swatches = [
  "#0f766e",
  "#0369a1",
  "#4f46e5",
  "#7c3aed",
  "#be185d",
  "#b91c1c",
  "#b45309",
  "#4d7c0f",
  "#475569",
];

export function ServicesTab() {
  const { t } = useTranslation();
  const { language } = useFormats();
  const { data, error } = useQuery(servicesQuery(true));
  const [editing, setEditing] = useState<Service | "new">();
  const add = <Button onClick={() => setEditing("new")}>{t("services.add")}</Button>;
  return (
    <>
      <ProblemAlert error={error} />
      <ul className={`card ${classes.list}`}>
        {data?.map((service) => (
          <li key={service.id}>
            <button
              type="button"
              className={classes.row}
              onClick={() => setEditing(service)}
              style={{ ["--tint" as string]: service.color }}
            >
              <i className={classes.swatch} />
              <b>{service.name}</b>
              {!service.active && <Badge color="gray">{t("settings.inactive")}</Badge>}
              <span className="num">{formatDuration(service.durationMinutes)}</span>
              <span className="num">{formatMoney(service.priceCents, service.currency, language)}</span>
            </button>
          </li>
        ))}
        {data && !data.length && (
          <li>
            <EmptyState icon="scissors" title={t("services.none")} text={t("services.noneText")} />
          </li>
        )}
      </ul>
      <Group mt="md">{add}</Group>
      <Modal
        opened={Boolean(editing)}
        onClose={() => setEditing(undefined)}
        title={t(editing === "new" ? "services.add" : "services.edit")}
        closeButtonProps={{ "aria-label": t("common.close") }}
      >
        {editing && (
          <ServiceForm service={editing === "new" ? undefined : editing} onClose={() => setEditing(undefined)} />
        )}
      </Modal>
    </>
  );
}

function ServiceForm({ service, onClose }: { service?: Service; onClose: () => void }) {
  const { t } = useTranslation();
  const { currency } = useTenant();
  const client = useQueryClient();
  const [form, setForm] = useState({
    name: service?.name ?? "",
    durationMinutes: service?.durationMinutes ?? 60,
    bufferMinutes: service?.bufferMinutes ?? 0,
    price: (service?.priceCents ?? 0) / 100,
    color: service?.color ?? "#0f766e",
    active: service?.active ?? true,
  });
  const set = (part: Partial<typeof form>) => setForm((old) => ({ ...old, ...part }));
  const done = () => {
    onClose();
    return client.invalidateQueries({ queryKey: ["services"] });
  };
  const save = useMutation({
    mutationFn: () => {
      const { price, ...rest } = form;
      const body = { ...rest, priceCents: Math.round(price * 100), currency: service?.currency ?? currency };
      if (!service) return unwrap(api.POST("/services", { body }));
      return unwrap(
        api.PUT("/services/{serviceId}", {
          params: { path: { serviceId: service.id }, header: ifMatch(service) },
          body,
        }),
      );
    },
    onSuccess: done,
  });
  const remove = useMutation({
    mutationFn: async (item: Service) =>
      unwrap(api.DELETE("/services/{serviceId}", { params: { path: { serviceId: item.id }, header: ifMatch(item) } })),
    onSuccess: done,
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    save.mutate();
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <ProblemAlert error={save.error ?? remove.error} compact />
        <TextInput
          label={t("services.name")}
          required
          withAsterisk={false}
          data-autofocus
          value={form.name}
          onChange={(event) => set({ name: event.currentTarget.value })}
        />
        <Group grow>
          <NumberInput
            label={t("calendar.minutes")}
            min={5}
            max={1440}
            step={5}
            value={form.durationMinutes}
            onChange={(value) => set({ durationMinutes: Number(value) || 5 })}
          />
          <NumberInput
            label={t("services.buffer")}
            min={0}
            max={240}
            step={5}
            value={form.bufferMinutes}
            onChange={(value) => set({ bufferMinutes: Number(value) || 0 })}
          />
        </Group>
        <NumberInput
          label={t("services.price", { currency: service?.currency ?? currency })}
          min={0}
          decimalScale={2}
          value={form.price}
          onChange={(value) => set({ price: Number(value) || 0 })}
        />
        <ColorInput
          label={t("services.colour")}
          format="hex"
          swatches={swatches}
          withPicker={false}
          withEyeDropper={false}
          value={form.color}
          onChange={(color) => set({ color })}
        />
        <Switch
          label={t("settings.active")}
          checked={form.active}
          onChange={(event) => set({ active: event.currentTarget.checked })}
        />
        <Group justify="space-between">
          {service ? (
            <Button variant="subtle" color="red" onClick={() => remove.mutate(service)}>
              {t("common.delete")}
            </Button>
          ) : (
            <span />
          )}
          <Button type="submit" loading={save.isPending}>
            {t("common.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
