// SPDX-License-Identifier: Apache-2.0
import { Badge, Button, Group, Modal, PasswordInput, Select, Stack, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ifMatch, unwrap } from "../../api/client";
import { usersQuery } from "../../api/queries";
import type { Role, User } from "../../api/types";
import { useFormats, useMe, useRole } from "../../app/session";
import { ago } from "../../lib/time";
import { PersonAvatar } from "../PersonAvatar";
import { ProblemAlert } from "../ProblemAlert";
import { ErasureLink } from "./ErasureLink";
import classes from "./settings.module.css";

export function UsersTab() {
  const { t } = useTranslation();
  const { language } = useFormats();
  const { data, error } = useQuery(usersQuery);
  const [editing, setEditing] = useState<User | "new">();
  return (
    <>
      <ProblemAlert error={error} />
      <ul className={`card ${classes.list}`}>
        {data?.map((user) => (
          <li key={user.id}>
            <button type="button" className={classes.row} onClick={() => setEditing(user)}>
              <PersonAvatar id={user.id} name={user.name} size={34} />
              <b>{user.name}</b>
              <span>{user.email}</span>
              <Badge color={user.active ? "pine" : "gray"}>
                {user.active ? t(`settings.role.${user.role}`) : t("settings.inactive")}
              </Badge>
              <span>{user.lastSignInAt ? ago(user.lastSignInAt, language) : t("users.neverSignedIn")}</span>
            </button>
          </li>
        ))}
      </ul>
      <Group mt="md">
        <Button onClick={() => setEditing("new")}>{t("users.add")}</Button>
      </Group>
      <Modal
        opened={Boolean(editing)}
        onClose={() => setEditing(undefined)}
        title={t(editing === "new" ? "users.add" : "users.edit")}
        closeButtonProps={{ "aria-label": t("common.close") }}
      >
        {editing && <UserForm user={editing === "new" ? undefined : editing} onClose={() => setEditing(undefined)} />}
      </Modal>
    </>
  );
}

const roles: Role[] = ["staff", "admin", "owner"];

function UserForm({ user, onClose }: { user?: User; onClose: () => void }) {
  const { t } = useTranslation();
  const me = useMe();
  const { role: own } = useRole();
  const client = useQueryClient();
  const [name, setName] = useState(user?.name ?? "");
  const [email, setEmail] = useState(user?.email ?? "");
  const [role, setRole] = useState<Role>(user?.role ?? "staff");
  const [password, setPassword] = useState("");
  const done = () => {
    onClose();
    return client.invalidateQueries({ queryKey: ["users"] });
  };
  const save = useMutation({
    mutationFn: () => {
      if (!user) return unwrap(api.POST("/users", { body: { name, email, role, password } }));
      const params = { path: { userId: user.id }, header: ifMatch(user) };
      return unwrap(api.PATCH("/users/{userId}", { params, body: { name, role, password: password || undefined } }));
    },
    onSuccess: done,
  });
  const setActive = useMutation({
    mutationFn: (item: User) => {
      const path = { userId: item.id };
      if (item.active) return unwrap(api.POST("/users/{userId}/deactivate", { params: { path } }));
      return unwrap(api.PATCH("/users/{userId}", { params: { path, header: ifMatch(item) }, body: { active: true } }));
    },
    onSuccess: done,
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    save.mutate();
  }
  // Only an owner can make owners.
  const offered = roles.filter((item) => item !== "owner" || own === "owner" || user?.role === "owner");
  return (
    <form onSubmit={submit}>
      <Stack>
        <ProblemAlert error={save.error ?? setActive.error} compact />
        <TextInput
          label={t("settings.name")}
          required
          withAsterisk={false}
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label={t("signIn.email")}
          type="email"
          required
          withAsterisk={false}
          disabled={Boolean(user)}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          autoComplete="off"
        />
        <Select
          label={t("users.role")}
          description={t(`users.roleHint.${role}`)}
          allowDeselect={false}
          data={offered.map((value) => ({ value, label: t(`settings.role.${value}`) }))}
          value={role}
          onChange={(value) => setRole(roles.find((item) => item === value) ?? "staff")}
        />
        <PasswordInput
          label={t(user ? "settings.newPassword" : "users.firstPassword")}
          description={t(user ? "users.passwordKept" : "setup.passwordHint")}
          required={!user}
          withAsterisk={false}
          minLength={10}
          autoComplete="new-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        {user && user.id !== me.user.id && <ErasureLink user={user} />}
        <Group justify="space-between">
          {user && user.id !== me.user.id ? (
            <Button variant="subtle" color={user.active ? "red" : "pine"} onClick={() => setActive.mutate(user)}>
              {t(user.active ? "users.deactivate" : "users.activate")}
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
