import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { release, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { failureExits } from "../../cli/exit.js";
import { otherScripts, type WrongCase, wrongCases } from "./errors-cases.js";
import { type Ended, RunningProcess, type WhenFinished, withTracefs } from "./harness/process.js";
import { describeWhere, requireBuild, requireRoot, requireTracefs, tsprobeEntry } from "./harness/requirements.js";

const folder = fileURLToPath(new URL("../fixtures/wrong/", import.meta.url));
const cache = mkdtempSync(join(tmpdir(), "tsprobe-errors-"));
afterAll(() => rmSync(cache, { recursive: true, force: true }));

function argumentsOf({ name, args = ["check", `${name}.ts`] }: WrongCase): readonly string[] {
  return args;
}

async function runCase(wrong: WrongCase, whenFinished: WhenFinished): Promise<Ended> {
  const argv = withTracefs([process.execPath, tsprobeEntry, ...argumentsOf(wrong)]);
  const inFolder = ["env", `--chdir=${folder}`, ...argv];
  return new RunningProcess(inFolder, { NO_COLOR: "1", TSPROBE_CACHE_DIR: cache }, "pipe", whenFinished).ended;
}

/** What differs from machine to machine: the kernel's release, the length of foreign logs. */
function normalise(text: string): string {
  return text.replaceAll(release(), "RELEASE").replace(/\(\d+ lines of (clang|the verifier)/g, "(N lines of $1");
}

function shown(wrong: WrongCase, { code, stderr }: Ended): string {
  return `$ tsprobe ${argumentsOf(wrong).join(" ")}\n${normalise(stderr)}exit ${code}\n`;
}

/** What must not reach a user: our own places, stack traces, the C in between. */
const NOT_FOR_USERS: readonly RegExp[] = [
  /\bdist\//,
  /node_modules/,
  /^\s*at .*:\d+/m,
  /\bnode:internal/,
  /__s64|__u64|bpf_ringbuf|<stdin>/,
  /Node\.js v\d/,
];

describeWhere([requireRoot, requireTracefs, requireBuild], "wrong scripts and command lines", () => {
  test.concurrent.for(wrongCases)("$name", { timeout: 60_000 }, async (wrong, { expect, onTestFinished }) => {
    const ended = await runCase(wrong, onTestFinished);
    const { stderr, stdout, code } = ended;
    await expect(shown(wrong, ended)).toMatchFileSnapshot(join(folder, "expected", `${wrong.name}.txt`));
    const { failure, errors = 1, hinted = true, placed = failure !== "usage" } = wrong;
    expect(code).toBe(failureExits[failure].code);
    expect(stdout).toBe(wrong.stdout ?? "");
    for (const pattern of NOT_FOR_USERS) expect(stderr).not.toMatch(pattern);
    expect(stderr.match(/^error\[TSP\d{4}\]: \S.*[^.]$/gm) ?? []).toHaveLength(errors);
    expect(stderr.match(/^ --> [\w/-]+\.ts:\d+:\d+$/gm) ?? []).toHaveLength(placed ? errors : 0);
    expect(stderr.match(/^ *\| +\^+/gm)?.length ?? 0).toBeGreaterThanOrEqual(placed ? errors : 0);
    expect(/^hint: \S/m.test(stderr)).toBe(hinted);
  });

  test("every script of the folder has a case", () => {
    const scripts = readdirSync(folder)
      .filter((name) => name.endsWith(".ts"))
      .map((name) => basename(name, ".ts"));
    const named = wrongCases.map(({ name }) => name);
    expect(scripts.filter((name) => !named.includes(name)).sort()).toEqual(otherScripts);
    expect(new Set(named).size).toBe(named.length);
  });
});
