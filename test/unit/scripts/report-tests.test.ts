import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

const repository = fileURLToPath(new URL("../../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "tsprobe-report-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What vitest with our reporter prints of these test files, from our part on, and its exit code. */
function run(files: Readonly<Record<string, string>>): { code: number | null; tail: string[] } {
  const root = mkdtempSync(join(folder, "run-"));
  mkdirSync(join(root, "node_modules"));
  symlinkSync(join(repository, "node_modules/vitest"), join(root, "node_modules/vitest"));
  const reporter = JSON.stringify(join(repository, "scripts/report-tests.ts"));
  const config = `import { CountReporter } from ${reporter};\nexport default { test: { reporters: [new CountReporter()] } };\n`;
  writeFileSync(join(root, "vitest.config.ts"), config);
  for (const [name, text] of Object.entries(files))
    writeFileSync(join(root, name), `import { test, describe, expect } from "vitest";\n${text}`);
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(repository, "node_modules/vitest/vitest.mjs"), "run", "--root", root],
    {
      encoding: "utf8",
      env: { ...process.env, NO_COLOR: "1", TSPROBE_COUNTS_FILE: undefined },
    },
  );
  return { code: status, tail: stdout.trimEnd().split("\n") };
}

test("counts tests, and says why some were skipped", () => {
  const { code, tail } = run({
    "a.test.ts": `
      test("passes", () => {});
      test("is skipped with a note", (context) => context.skip("needs root"));
      describe.skip("a group (skipped: needs tc)", () => { test("one", () => {}); test("two", () => {}); });
      test.skip("is skipped without a word", () => {});`,
  });
  expect(tail).toEqual([
    "skipped 1 of a.test.ts: needs root",
    "skipped 2 of a.test.ts: needs tc",
    "skipped 1 of a.test.ts: no reason given",
    "",
    "1 passed, 0 failed, 4 skipped",
  ]);
  expect(code).toBe(0);
});

test("a failing test, a file that does not load and a stray error all count as failed", () => {
  const { code, tail } = run({
    "fails.test.ts": 'test("fails", () => expect(1).toBe(2)); test("passes", () => {});',
    "broken.test.ts": 'throw new Error("at load");',
    "stray.test.ts":
      'test("leaves a rejection", async () => { Promise.reject(new Error("stray")); await new Promise((done) => setTimeout(done, 50)); });',
  });
  expect(tail.at(-1)).toBe("2 passed, 3 failed, 0 skipped");
  expect(code).toBe(1);
});
