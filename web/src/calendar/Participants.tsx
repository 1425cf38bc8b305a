// SPDX-License-Identifier: Apache-2.0
import { ActionIcon, Button, Fieldset, Group, Stack, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Icon } from "../icons";

interface Person {
  name: string;
  email: string;
}

export function Participants({ value, onChange }: { value: Person[]; onChange: (people: Person[]) => void }) {
  const { t } = useTranslation();
  const change = (index: number, part: Partial<Person>) =>
    onChange(value.map((person, at) => (at === index ? { ...person, ...part } : person)));
  return (
    <Fieldset legend={t("calendar.participants")} variant="unstyled">
      <Stack gap="xs">
        {value.map((person, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the position is what identifies a line while typing
          <Group key={index} gap="xs" wrap="nowrap">
            <TextInput
              flex={1}
              aria-label={t("calendar.participantName")}
              placeholder={t("calendar.participantName")}
              value={person.name}
              onChange={(event) => change(index, { name: event.currentTarget.value })}
            />
            <TextInput
              flex={1}
              type="email"
              aria-label={t("calendar.participantEmail")}
              placeholder={t("calendar.participantEmail")}
              value={person.email}
              onChange={(event) => change(index, { email: event.currentTarget.value })}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t("common.remove")}
              onClick={() => onChange(value.toSpliced(index, 1))}
            >
              <Icon name="x" size={16} />
            </ActionIcon>
          </Group>
        ))}
        <Button
          variant="subtle"
          size="compact-sm"
          w="fit-content"
          onClick={() => onChange([...value, { name: "", email: "" }])}
        >
          {t("calendar.addParticipant")}
        </Button>
      </Stack>
    </Fieldset>
  );
}
