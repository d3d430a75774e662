// `npm test`: build, type check, lint, all tests. Every step runs even when one before it has failed, but for the build, without
// which the rest says nothing. The last line counts tests, with each other step that failed as a failed one.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

process.chdir(join(dirname(fileURLToPath(import.meta.url)), ".."));

/** Runs a command and shows what it prints; whether it ended well. */
function run(command, args, env = {}) {
  const { status, error } = spawnSync(command, args, {
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, ...env },
  });
  if (error !== undefined) process.stdout.write(`${error.message}\n`);
  return status === 0;
}

const bin = (name) => join("node_modules", ".bin", name);

const checks = [
  ["build", () => run(process.execPath, ["scripts/build.mjs"])],
  ["types", () => run(bin("tsc"), ["-p", "tsconfig.json"])],
  ["lint", () => run(bin("biome"), ["check", "."])],
];
const failures = [];
for (const [name, check] of checks) {
  process.stdout.write(`\n── ${name}\n`);
  if (!check()) failures.push(name);
  if (failures.includes("build")) break;
}

let [passed, failed, skipped] = [0, 0, 0];
if (!failures.includes("build")) {
  process.stdout.write("\n── tests\n");
  const folder = mkdtempSync(join(tmpdir(), "tsprobe-counts-"));
  const file = join(folder, "counts");
  const ended = run(bin("vitest"), ["run", ...process.argv.slice(2)], { TSPROBE_COUNTS_FILE: file });
  const counted = existsSync(file);
  if (counted) [passed, failed, skipped] = readFileSync(file, "utf8").match(/\d+/g).map(Number);
  if (!counted || (!ended && failed === 0)) failures.push("the test runner itself");
  rmSync(folder, { recursive: true });
}
for (const name of failures) process.stdout.write(`failed: ${name}\n`);
const line = `${passed} passed, ${failed + failures.length} failed, ${skipped} skipped`;
const { TSPROBE_COUNTS_FILE: wanted } = process.env;
if (wanted === undefined) process.stdout.write(`\n${line}\n`);
else writeFileSync(wanted, line);
process.exitCode = failed + failures.length === 0 ? 0 : 1;
