// SPDX-License-Identifier: Apache-2.0
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// Few, stable chunks: the server speaks HTTP/1.1, where each initial request costs a round trip.
const groups = [
  { name: "react", test: /node_modules[\\/](react|react-dom|scheduler)[\\/]/, priority: 3 },
  { name: "tanstack", test: /node_modules[\\/]@tanstack[\\/](?!react-virtual|virtual)/, priority: 2 },
  { name: "i18n", test: /node_modules[\\/](i18next|react-i18next|openapi-fetch)[\\/]/, priority: 2 },
  // Fields, dialogs, lists of choices: nearly every page has them, one request instead of a dozen. Not what
  // only forms and questions have: many routes share that too, but no first page needs it.
  {
    name: "kit",
    test: /node_modules[\\/](@mantine[\\/](core(?!.*[\\/](Checkbox|InlineInput|Modal|PasswordInput|Switch)[\\/])|hooks)|@floating-ui|react-remove-scroll)/,
    minShareCount: 5,
    priority: 1,
  },
  {
    name: "shared",
    test: /[\\/]src[\\/](components(?![\\/](panels|plugins)[\\/](?!contributions))|lib|icons|api)[\\/]/,
    minShareCount: 3,
    priority: 1,
  },
];

export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2022",
    // Browsers with light-dark(); for older ones it would be rewritten in a way that needs color-scheme in the same file.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    manifest: true,
    sourcemap: false,
    // Data URLs would need `data:` in font-src; every asset is a file.
    assetsInlineLimit: 0,
    rolldownOptions: { output: { codeSplitting: { groups } } },
  },
  server: { proxy: { "/api": "http://127.0.0.1:8090" } },
  test: { environment: "jsdom", include: ["tests/unit/**/*.test.{ts,tsx}"], testTimeout: 20_000 },
});
