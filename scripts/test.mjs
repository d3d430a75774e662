// `npm test`: build, type check, lint, all tests; then those that are about compiled code once more with the embedded clang, if the
// machine has a native one, which the first pass takes. TSPROBE_CLANG, or arguments for vitest, make it one pass. Every step runs even when
// one before it has failed, but for the build, without which the rest says nothing. The last line counts the tests of both
// passes, with each other step that failed as a failed one.
import { spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

process.chdir(join(dirname(fileURLToPath(import.meta.url)), ".."));

// Node reads and parses the certificates that this names at each start, which takes longer than the rest of its start, and the tests start
// it a thousand times. Those that need it (npm install) take it from the other name.
if (process.env.NODE_EXTRA_CA_CERTS) {
  process.env.TSPROBE_TESTS_CA_CERTS = process.env.NODE_EXTRA_CA_CERTS;
  delete process.env.NODE_EXTRA_CA_CERTS;
}

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

/** Whether tsprobe finds a clang of this machine. */
function hasNativeClang() {
  const check = [join("dist", "cli", "main.js"), "check", join("probes", "tcpstates.ts"), "--clang", "native"];
  return spawnSync(process.execPath, check, { stdio: "ignore" }).status === 0;
}

let [passed, failed, skipped] = [0, 0, 0];

/** Runs tests; resolves once they have ended. @param aside whether what they print is kept until then, as others run beside them */
function runTests(title, args, env = {}, aside = false) {
  const folder = mkdtempSync(join(tmpdir(), "tsprobe-counts-"));
  const [file, log] = [join(folder, "counts"), join(folder, "log")];
  const out = aside ? openSync(log, "w") : "inherit";
  if (!aside) process.stdout.write(`\n── ${title}\n`);
  const vitest = [bin("vitest"), "run", ...args];
  const [command, ...words] = aside ? ["nice", "-n", "10", ...vitest] : vitest;
  const child = spawn(command, words, {
    stdio: ["ignore", out, out],
    env: { ...process.env, ...env, TSPROBE_COUNTS_FILE: file },
  });
  return new Promise((resolve) => {
    child.once("error", ({ message }) => {
      process.stdout.write(`${message}\n`);
      resolve(false);
    });
    child.once("exit", (code) => resolve(code === 0));
  }).then((ended) => {
    if (aside) {
      closeSync(out);
      process.stdout.write(`\n── ${title}\n${readFileSync(log, "utf8")}`);
    }
    const counts = existsSync(file) ? readFileSync(file, "utf8").match(/\d+/g).map(Number) : undefined;
    rmSync(folder, { recursive: true });
    if (counts === undefined || (!ended && counts[1] === 0)) failures.push(`the test runner itself (${title})`);
    const [ownPassed = 0, ownFailed = 0, ownSkipped = 0] = counts ?? [];
    passed += ownPassed;
    failed += ownFailed;
    skipped += ownSkipped;
  });
}

const only = (...projects) => projects.flatMap((name) => ["--project", name]);

/**
 * Everything, on two lanes that take about as long. Beside the tests that trace what this machine does, one file after another, and behind
 * them (nice), go those that nothing there can disturb: virtual machines, handlers over random inputs, and what needs no kernel.
 */
async function runAll() {
  const again = secondPass();
  const embedded = "with the embedded clang";
  const beside = async () => {
    await runTests("tests in virtual machines", only("vm"), {}, true);
    if (again !== undefined) await runTests(`parity again, ${embedded}`, only("parity"), again, true);
    await runTests("tests without a kernel", only("unit"), {}, true);
  };
  const lane = beside();
  await runTests("tests in this kernel", only("parity", "e2e"));
  // Of e2e a part of those that are about what was compiled; all of it runs with TSPROBE_CLANG=embedded npm test.
  const compiled = ["tcpstates.test", "examples", "struct-fields", "kernel-values", "builtins-m", "net-helpers"];
  const files = compiled.map((name) => `test/e2e/${name}`);
  if (again !== undefined) await runTests(`tests again, ${embedded}`, [...only("e2e"), ...files], again);
  await lane;
}

/** The environment of the second pass, if there is one. What does not compile for the kernel (unit), or chooses its compiler itself (vm), is not run twice. */
function secondPass() {
  if (process.env.TSPROBE_CLANG) process.stdout.write("\none pass only\n");
  else if (!hasNativeClang())
    process.stdout.write("\nno second pass: without a native clang the first one is the embedded one's\n");
  else
    return {
      TSPROBE_CLANG: "embedded",
      // The same objects come out: fewer of the random programs do.
      TSPROBE_PARITY_BATCHES: process.env.TSPROBE_PARITY_BATCHES ?? "2",
    };
  return undefined;
}

if (!failures.includes("build")) {
  const args = process.argv.slice(2);
  if (args.length > 0) await runTests("tests", args);
  else await runAll();
}
for (const name of failures) process.stdout.write(`failed: ${name}\n`);
const line = `${passed} passed, ${failed + failures.length} failed, ${skipped} skipped`;
const { TSPROBE_COUNTS_FILE: wanted } = process.env;
if (wanted === undefined) process.stdout.write(`\n${line}\n`);
else writeFileSync(wanted, line);
process.exitCode = failed + failures.length === 0 ? 0 : 1;
