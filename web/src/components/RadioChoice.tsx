// SPDX-License-Identifier: Apache-2.0
import { Radio, Stack } from "@mantine/core";
import type { ReactNode } from "react";

interface Props<T extends string> {
  label: ReactNode;
  value: T;
  options: { value: T; label: string; description?: string; testId?: string }[];
  onChange: (value: T) => void;
}

/** One of a few answers, each with what it means. */
export function RadioChoice<T extends string>({ label, value, options, onChange }: Props<T>) {
  return (
    <Radio.Group label={label} value={value} onChange={(chosen) => onChange(chosen as T)}>
      <Stack gap="xs" mt="xs">
        {options.map(({ testId, ...option }) => (
          <Radio key={option.value} {...option} data-testid={testId} />
        ))}
      </Stack>
    </Radio.Group>
  );
}
