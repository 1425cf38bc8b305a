// SPDX-License-Identifier: Apache-2.0
import { Badge, Button, ColorInput, Group, Modal, Select, Stack, Switch, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ifMatch, unwrap } from "../../api/client";
import { staffQuery, usersQuery } from "../../api/queries";
import type { Staff } from "../../api/types";
import { useFormats } from "../../app/session";
import { weekdays } from "../../calendar/model";
import { formatDate } from "../../lib/time";
import { PersonAvatar } from "../PersonAvatar";
import { ProblemAlert } from "../ProblemAlert";
import { HoursEditor, hoursProblem } from "./HoursEditor";
import { swatches } from "./ServicesTab";
import classes from "./settings.module.css";

export function StaffTab() {
  const { t } = useTranslation();
  const { language } = useFormats();
  const { data, error } = useQuery(staffQuery(true));
  const [editing, setEditing] = useState<Staff | "new">();
  // 5 January 1970 was a Monday.
  const names = weekdays.map((_, index) => formatDate(`1970-01-0${5 + index}`, language, { weekday: "short" }));
  const worksOn = (member: Staff) =>
    weekdays.flatMap((day, index) => (member.workingHours[day]?.length ? [names[index]] : [])).join(" ");
  return (
    <>
      <ProblemAlert error={error} />
      <ul className={`card ${classes.list}`}>
        {data?.map((member) => (
          <li key={member.id}>
            <button type="button" className={classes.row} onClick={() => setEditing(member)}>
              <PersonAvatar id={member.id} name={member.name} size={34} />
              <b>{member.name}</b>
              {!member.active && <Badge color="gray">{t("settings.inactive")}</Badge>}
              <span>{worksOn(member)}</span>
            </button>
          </li>
        ))}
      </ul>
      <Group mt="md">
        <Button onClick={() => setEditing("new")}>{t("staff.add")}</Button>
      </Group>
      <Modal
        opened={Boolean(editing)}
        onClose={() => setEditing(undefined)}
        size="lg"
        title={t(editing === "new" ? "staff.add" : "staff.edit")}
        closeButtonProps={{ "aria-label": t("common.close") }}
      >
        {editing && (
          <StaffForm member={editing === "new" ? undefined : editing} onClose={() => setEditing(undefined)} />
        )}
      </Modal>
    </>
  );
}

const officeHours = [{ from: "09:00", to: "17:00" }];
const newHours = { mon: officeHours, tue: officeHours, wed: officeHours, thu: officeHours, fri: officeHours };

function StaffForm({ member, onClose }: { member?: Staff; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { data: users } = useQuery(usersQuery);
  const [name, setName] = useState(member?.name ?? "");
  const [userId, setUserId] = useState(member?.userId ?? null);
  const [color, setColor] = useState(member?.color ?? "#0f766e");
  const [active, setActive] = useState(member?.active ?? true);
  const [workingHours, setHours] = useState(member?.workingHours ?? newHours);
  const wrong = hoursProblem(workingHours);
  const save = useMutation({
    mutationFn: () => {
      const body = { name, userId, color, active, workingHours };
      if (!member) return unwrap(api.POST("/staff", { body }));
      return unwrap(
        api.PUT("/staff/{staffId}", { params: { path: { staffId: member.id }, header: ifMatch(member) }, body }),
      );
    },
    onSuccess: () => {
      onClose();
      return client.invalidateQueries({ queryKey: ["staff"] });
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    if (!wrong) save.mutate();
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <ProblemAlert error={save.error} compact />
        <TextInput
          label={t("settings.name")}
          required
          withAsterisk={false}
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Select
          label={t("staff.user")}
          description={t("staff.userHint")}
          clearable
          data={users?.map((user) => ({ value: user.id, label: `${user.name} (${user.email})` })) ?? []}
          value={userId}
          onChange={setUserId}
          clearButtonProps={{ "aria-label": t("common.clear") }}
        />
        <ColorInput
          label={t("services.colour")}
          format="hex"
          swatches={swatches}
          withPicker={false}
          withEyeDropper={false}
          value={color}
          onChange={setColor}
        />
        <HoursEditor value={workingHours} onChange={setHours} />
        <Switch
          label={t("settings.active")}
          checked={active}
          onChange={(event) => setActive(event.currentTarget.checked)}
        />
        {wrong && (
          <Text size="sm" c="var(--danger)" role="alert">
            {t("staff.hoursWrong")}
          </Text>
        )}
        <Group justify="flex-end">
          <Button type="submit" loading={save.isPending}>
            {t("common.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
