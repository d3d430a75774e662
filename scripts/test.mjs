// `npm test`: build, type check, lint, all tests. Every step runs even when one before it has failed, but for the build, without
// which the rest says nothing. The last line counts tests, with each other step that failed as a failed one.
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

process.chdir(join(dirname(fileURLToPath(import.meta.url)), ".."));

/** Runs a command, shows what it prints, and returns how it ended and what stood on its standard output. */
function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
    const chunks = [];
    child.stdout.on("data", (chunk) => {
      chunks.push(chunk);
      process.stdout.write(chunk);
    });
    child.once("error", reject);
    child.once("close", (code) => resolve({ passed: code === 0, output: Buffer.concat(chunks).toString() }));
  });
}

const node = (...args) => run(process.execPath, args);
const bin = (name) => join("node_modules", ".bin", name);

const checks = [
  ["build", () => node("scripts/build.mjs")],
  ["types", () => run(bin("tsc"), ["-p", "tsconfig.json"])],
  ["lint", () => run(bin("biome"), ["check", "."])],
];
const failures = [];
for (const [name, check] of checks) {
  process.stdout.write(`\n── ${name}\n`);
  if (!(await check()).passed) failures.push(name);
  if (failures.includes("build")) break;
}

let counts = { passed: 0, failed: 0, skipped: 0 };
if (!failures.includes("build")) {
  process.stdout.write("\n── tests\n");
  const { passed, output } = await run(bin("vitest"), ["run", ...process.argv.slice(2)]);
  const line = /^(\d+) passed, (\d+) failed, (\d+) skipped$/m.exec(output);
  if (line !== null) counts = { passed: Number(line[1]), failed: Number(line[2]), skipped: Number(line[3]) };
  if (line === null || (!passed && counts.failed === 0)) failures.push("the test runner itself");
}
for (const name of failures) process.stdout.write(`failed: ${name}\n`);
process.stdout.write(`\n${counts.passed} passed, ${counts.failed + failures.length} failed, ${counts.skipped} skipped\n`);
process.exitCode = counts.failed + failures.length === 0 ? 0 : 1;
