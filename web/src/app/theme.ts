// SPDX-License-Identifier: Apache-2.0
import { createTheme, defaultVariantColorsResolver, type MantineColorsTuple } from "@mantine/core";

const pine: MantineColorsTuple = [
  "#f0faf8",
  "#d5f2ec",
  "#a9e4d9",
  "#74cfc0",
  "#43b3a3",
  "#239687",
  "#137d70",
  "#0f6b61",
  "#0e564f",
  "#0c4540",
];
const ink: MantineColorsTuple = [
  "#dde1e8",
  "#b9c0cc",
  "#98a1b0",
  "#6f7988",
  "#3c4450",
  "#2c333d",
  "#20262f",
  "#181d24",
  "#12161c",
  "#0c0f13",
];
const slate: MantineColorsTuple = [
  "#f6f7f9",
  "#eef0f3",
  "#e3e6eb",
  "#d3d8df",
  "#b4bcc8",
  "#8d97a6",
  "#66707f",
  "#4c5563",
  "#343b46",
  "#1e232b",
];

export const theme = createTheme({
  primaryColor: "pine",
  primaryShade: { light: 7, dark: 7 },
  colors: { pine, dark: ink, gray: slate },
  fontFamily: '"Inter Variable", system-ui, sans-serif',
  fontFamilyMonospace: "ui-monospace, SFMono-Regular, Menlo, monospace",
  headings: { fontWeight: "650", fontFamily: '"Inter Variable", system-ui, sans-serif' },
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  // Mantine's light variant misses 4.5:1 in several colours: darker text on light, lighter text on dark.
  variantColorResolver(input) {
    const colors = defaultVariantColorsResolver(input);
    if (input.variant !== "light") return colors;
    const name = (input.color ?? input.theme.primaryColor).split(".")[0];
    if (!name || !(name in input.theme.colors)) return colors;
    return {
      ...colors,
      color: `light-dark(color-mix(in srgb, var(--mantine-color-${name}-9) 65%, #000), var(--mantine-color-${name}-1))`,
    };
  },
  components: {
    Modal: {
      defaultProps: { centered: true, radius: "lg", overlayProps: { backgroundOpacity: 0.35, blur: 2 } },
      styles: { title: { lineHeight: 1.3 } },
    },
    Drawer: { defaultProps: { overlayProps: { backgroundOpacity: 0.3 } } },
    Select: { defaultProps: { checkIconPosition: "right" } },
    Badge: { defaultProps: { variant: "light", tt: "none", fw: 550 } },
  },
});
