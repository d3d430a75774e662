import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { CountReporter } from "./scripts/report-tests.js";

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** In tests, what scripts import from tsprobe is the source, so that they need no build. */
const ownModules = [
  { find: /^tsprobe$/, replacement: source("dsl/index.ts") },
  { find: /^tsprobe\/kernel$/, replacement: source("dsl/kernel/index.ts") },
  { find: /^tsprobe\/net$/, replacement: source("dsl/net/index.ts") },
  { find: /^tsprobe\/test$/, replacement: source("dsl/test/index.ts") },
];

/**
 * Tests of the kernel share it: its tracepoints, its CPUs, the ports of its loopback. So they run one file at a time, and
 * after (groupOrder) those that only need Node.
 */
const oneAtATime = { fileParallelism: false, hookTimeout: 60_000, testTimeout: 60_000 };

export default defineConfig({
  resolve: { alias: ownModules },
  test: {
    reporters: ["default", new CountReporter()],
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/{unit,golden,types}/**/*.test.ts"],
          testTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: "parity", include: ["test/parity/**/*.test.ts"], ...oneAtATime, sequence: { groupOrder: 1 } },
      },
      { extends: true, test: { name: "e2e", include: ["test/e2e/**/*.test.ts"], ...oneAtATime, sequence: { groupOrder: 2 } } },
      {
        extends: true,
        test: {
          name: "vm",
          include: ["test/vm/**/*.test.ts"],
          globalSetup: "test/vm/harness/start.ts",
          ...oneAtATime,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
