import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CliFolder } from "./harness/cli-folder.js";
import { languageScripts } from "./harness/language-scripts.js";
import { inHandler, languageExamples } from "./harness/pages.js";
import { RunningProcess } from "./harness/process.js";
import { readJsonLines } from "./harness/read-json.js";
import { describeWhere, requireBuild, requireRoot, requireTracefs } from "./harness/requirements.js";

const { prelude, short } = languageExamples();
const scripts = languageScripts();
const workload = new URL("../fixtures/some-of-everything.mjs", import.meta.url).pathname;

/** Short examples that send nothing here, as the page has them: of others' users, of a map nobody fills, of a packet where none is. */
const SILENT = ["uid() === 0 || random()", "if (before === undefined) return;\n", "skbHeaders("];
/** Those that look at more than whether there was a change. */
const CHOOSY = ["port === 0", "RANGES", "opts.all", "isHigh(", "LIMITS.low"];

const ROUNDS = 3;

interface Line {
  readonly type: string;
  readonly name?: string;
}

describeWhere([requireRoot, requireTracefs, requireBuild], "the examples of docs/language.md, in the kernel", () => {
  let folder: CliFolder;
  beforeEach(() => {
    folder = new CliFolder();
  });
  afterEach(() => folder.dispose());

  /** Runs the script beside some rounds of the workload, and ends it as Ctrl-C does. */
  async function runBeside(...args: string[]) {
    const tracer = folder.start(["run", "script.ts", ...args]);
    await tracer.until(() => /^attached/m.test(tracer.stderr), "the script to attach");
    const work = new RunningProcess([process.execPath, workload]);
    // Some scripts print every second.
    await sleep(1_500);
    await work.until(() => work.stdout.split("\n").length > ROUNDS, `${ROUNDS} rounds of the workload`);
    await work.stop("SIGKILL");
    return tracer.stop();
  }

  test("the short ones, each as a handler of its own: all see the same changes of state", async () => {
    const named = short.map((block) => ({ ...block, name: block.text.includes("moves.emit") ? "moves" : `line${block.line}` }));
    folder.write("script.ts", prelude.text + named.map(({ text, line }) => inHandler(text, `line${line}`)).join(""));
    const is = (words: readonly string[]) => (text: string) => words.some((word) => text.includes(word));
    const expected = named.filter(({ text }) => !is(SILENT)(text)).map(({ name }) => name);
    expect(expected).toHaveLength(named.length - SILENT.length);
    const { stdout, code } = await runBeside("--format", "json", "--all");
    expect(code).toBe(130);
    const seen = new Map<string, number>();
    for (const { type, name = "" } of readJsonLines(stdout) as Line[])
      if (type === "event") seen.set(name, (seen.get(name) ?? 0) + 1);
    expect([...seen.keys()].sort()).toEqual([...expected].sort());
    // Attached one after the other, before the workload began; ended one after the other, when it was over.
    const [first, ...others] = named.filter(({ text, name }) => name !== "moves" && !is([...SILENT, ...CHOOSY])(text));
    for (const { name } of others) expect(seen.get(name), name).toBe(seen.get(first?.name as string));
    expect(seen.get("moves")).toBe(2 * (seen.get(first?.name as string) as number));
    expect(stdout).toMatch(/"lost":0,"hostDropped":0,"discarded":0,"counters":\[\]/);
  });

  test.each(scripts.filter(({ elsewhere }) => elsewhere !== true))("the script in line $line", async ({ text, shows }) => {
    folder.write("script.ts", text);
    const { stdout, stderr, code } = await runBeside();
    expect(code, stderr).toBe(130);
    expect(stdout).toMatch(shows);
    expect(stderr).not.toMatch(/^error/m);
  });
});
