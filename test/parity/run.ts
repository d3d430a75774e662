import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RunningProcess, withTracefs } from "../e2e/harness/process.js";
import { tsprobeEntry } from "../e2e/harness/requirements.js";
import { type Case, parityScript } from "./script.js";

export interface Mismatch {
  readonly case: number;
  readonly args: readonly string[];
  readonly node: string;
  readonly kernel: string;
}

/** What a parity script found. */
export interface Outcome {
  /** Pairs of case and input of which the kernel sent an event. */
  readonly sent: number;
  /** Of which neither side sent one. */
  readonly silent: number;
  /** Of which the exact result does not fit, and the kernel sent nothing. */
  readonly faults: number;
  readonly doubtful: number;
  readonly wrong: readonly Mismatch[];
  readonly wrongCount: number;
  /** What the kernel counted of overflows, divisions by zero, ranges and failed reads. */
  readonly counted: number;
}

/** Most handlers of one script: the kernel runs at most 64 programs on one tracepoint (BPF_TRACE_MAX_PROGS), and one tells that all are attached. */
const HANDLERS = 60;

/** Runs cases over inputs; rejects with tsprobe's words when the script is refused. */
export async function runParity(
  cases: readonly Case[],
  inputs: readonly (readonly bigint[])[],
  prelude = "",
  flags: readonly string[] = [],
): Promise<Outcome> {
  const outcomes: Outcome[] = [];
  for (let from = 0; from < cases.length; from += HANDLERS) {
    const { wrong, ...counts } = await runScript(cases.slice(from, from + HANDLERS), inputs, prelude, flags);
    outcomes.push({ ...counts, wrong: wrong.map((w) => ({ ...w, case: w.case + from })) });
  }
  return outcomes.reduce((all, one) => ({
    sent: all.sent + one.sent,
    silent: all.silent + one.silent,
    faults: all.faults + one.faults,
    doubtful: all.doubtful + one.doubtful,
    wrong: [...all.wrong, ...one.wrong],
    wrongCount: all.wrongCount + one.wrongCount,
    counted: all.counted + one.counted,
  }));
}

async function runScript(
  cases: readonly Case[],
  inputs: readonly (readonly bigint[])[],
  prelude: string,
  flags: readonly string[],
): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "tsprobe-parity-"));
  try {
    const script = join(folder, "parity.ts");
    writeFileSync(script, parityScript(cases, inputs, prelude));
    const argv = [
      process.execPath,
      tsprobeEntry,
      "run",
      script,
      "--no-check",
      "--for",
      "60s",
      "--ring-size",
      "16M",
      "--format",
      "json",
      ...flags,
    ];
    const ended = await new RunningProcess(withTracefs(argv)).ended;
    const line = ended.stdout.split("\n").find((text) => text.startsWith("parity "));
    if (line === undefined) throw new ScriptRefused(ended.code, ended.stderr, script);
    const summary = JSON.parse(ended.stdout.trimEnd().split("\n").at(-1) as string) as {
      lost: number;
      counters: { reason: string; count: number }[];
    };
    if (summary.lost !== 0) throw new Error(`${summary.lost} events were lost: nothing can be compared`);
    const counted = summary.counters.filter(({ reason }) => reason !== "map-full").reduce((sum, { count }) => sum + count, 0);
    return { ...(JSON.parse(line.slice("parity ".length)) as Outcome), counted };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** tsprobe did not run the script. */
export class ScriptRefused extends Error {
  readonly code: number | null;
  readonly stderr: string;

  constructor(code: number | null, stderr: string, script: string) {
    super(`tsprobe ended with ${code}\n${stderr.replaceAll(script, "parity.ts")}`);
    this.code = code;
    this.stderr = stderr;
  }
}

/** Readable text of what went wrong, for the assertion's message. */
export function explain(cases: readonly Case[], { wrong }: Outcome): string {
  return wrong
    .map((w) => `${cases[w.case]?.title}: (${w.args.slice(0, 4).join(", ")}) node ${w.node}, kernel ${w.kernel}`)
    .join("\n");
}
