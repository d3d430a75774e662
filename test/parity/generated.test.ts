import { expect, test } from "vitest";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { describeWhere, requireRoot } from "../e2e/harness/requirements.js";
import { compareRuns } from "./harness/agreement.js";
import { makeInputs } from "./harness/inputs.js";
import { type GeneratedProgram, makePrograms, PROGRAM_HOST } from "./harness/programs.js";
import { compileText, probeOf, Refused, runBoth, scriptOf } from "./harness/run.js";

/** Together 2,000 programs. */
const BATCHES = Number(process.env.TSPROBE_PARITY_BATCHES ?? 50);
/** Printed when something is wrong; give it in the environment to see the same programs again. */
const SEED = Number(process.env.TSPROBE_PARITY_SEED ?? 1);
/** The kernel runs at most 64 programs on one tracepoint (BPF_TRACE_MAX_PROGS, kernel/trace/bpf_trace.c). */
const BATCH = 40;
const INPUTS = 30;

function sourceOf(programs: readonly GeneratedProgram[]): string {
  const parts = programs.flatMap(({ map, statements }, i) => [
    `const ${map} = ${i % 3 === 0 ? "lruHash" : "hash"}({ key: "u8", value: "u64" });`,
    probeOf(`probe_${map}`, statements),
  ]);
  return scriptOf([PROGRAM_HOST, ...parts].join("\n"));
}

/** Whether a diagnostic is what a user should get: of the language, at a place, in words. */
function checkDiagnostic(diagnostic: Diagnostic): void {
  expect(diagnostic).toMatchObject({
    code: expect.stringMatching(/^TSP2\d{3}$/),
    failure: "language",
    message: expect.any(String),
    span: expect.anything(),
  });
}

/** The programs that the compiler accepts, all compiled at once; of the others, which code refused how many. */
async function accepted(programs: readonly GeneratedProgram[], refusals: Map<string, number>): Promise<GeneratedProgram[]> {
  const source = sourceOf(programs);
  try {
    await compileText(source);
    return [...programs];
  } catch (error) {
    if (!(error instanceof Refused)) throw new Error(`seed ${SEED}: ${(error as Error).stack}\n${source}`);
    const refused = new Map<GeneratedProgram, string>();
    for (const diagnostic of error.diagnostics) {
      checkDiagnostic(diagnostic);
      const at = source.lastIndexOf("export const probe_", diagnostic.span?.start);
      const name = /^export const probe_(\w+)/.exec(source.slice(at))?.[1];
      const program = programs.find(({ map }) => map === name);
      if (program !== undefined && !refused.has(program)) refused.set(program, diagnostic.code);
    }
    // Only mistakes in helpers, which calls with other types make: whose calls, one program at a time tells.
    if (refused.size === 0 && programs.length > 1) {
      const apart: GeneratedProgram[] = [];
      for (const program of programs) apart.push(...(await accepted([program], refusals)));
      return apart;
    }
    const [only] = programs;
    if (refused.size === 0 && only !== undefined) refused.set(only, error.diagnostics[0]?.code ?? "");
    for (const code of refused.values()) refusals.set(code, (refusals.get(code) ?? 0) + 1);
    return accepted(
      programs.filter((program) => !refused.has(program)),
      refusals,
    );
  }
}

type Outcome = ReturnType<typeof compareRuns>;

async function runPrograms(programs: readonly GeneratedProgram[], batch: number): Promise<Outcome> {
  return compareRuns(await runBoth(sourceOf(programs), makeInputs(INPUTS, SEED + 1000 + batch)));
}

/** What goes wrong with one program alone; undefined when nothing does, or the compiler refuses it. */
async function problemOf(program: GeneratedProgram, batch: number): Promise<string | undefined> {
  try {
    return (await runPrograms([program], batch)).problems[0];
  } catch (error) {
    return error instanceof Refused ? undefined : String(error);
  }
}

/** The same problem with as few statements as possible. */
async function shrunk(program: GeneratedProgram, batch: number): Promise<string> {
  let lines = program.statements.split("\n");
  for (let at = 0; at < lines.length; ) {
    const fewer = lines.filter((_, i) => i !== at);
    if ((await problemOf({ ...program, statements: fewer.join("\n") }, batch)) === undefined) at++;
    else lines = fewer;
  }
  const problem = await problemOf({ ...program, statements: lines.join("\n") }, batch);
  return `seed ${SEED}, batch ${batch}, ${program.map}: ${problem}\n${lines.join("\n")}`;
}

/** Runs programs in one script; when something is wrong, finds out which of them is to blame. */
async function compared(programs: readonly GeneratedProgram[], batch: number): Promise<Outcome> {
  let failure: string;
  try {
    const outcome = await runPrograms(programs, batch);
    if (outcome.problems.length === 0) return outcome;
    failure = outcome.problems[0] as string;
  } catch (error) {
    failure = String(error);
  }
  for (const program of programs)
    if ((await problemOf(program, batch)) !== undefined) return { same: 0, ended: 0, problems: [await shrunk(program, batch)] };
  return { same: 0, ended: 0, problems: [`seed ${SEED}, batch ${batch}, only together: ${failure}`] };
}

const needs = [requireRoot];

describeWhere(needs, "generated programs", () => {
  test(`${BATCHES * BATCH} of them are refused by a diagnostic, or do in the kernel what they do in Node`, {
    timeout: 3_600_000,
  }, async () => {
    const counts = { accepted: 0, same: 0, ended: 0 };
    const refusals = new Map<string, number>();
    for (let batch = 0; batch < BATCHES; batch++) {
      const programs = await accepted(makePrograms(BATCH, SEED + batch), refusals);
      counts.accepted += programs.length;
      const { same, ended, problems } = await compared(programs, batch);
      counts.same += same;
      counts.ended += ended;
      expect(problems).toEqual([]);
    }
    const refused = BATCHES * BATCH - counts.accepted;
    process.stdout.write(
      `generated programs: ${JSON.stringify({ ...counts, refused, by: Object.fromEntries([...refusals].sort()) })}\n`,
    );
    expect(refused).toBeLessThan((BATCHES * BATCH) / 2);
    expect(counts.same).toBeGreaterThan(counts.ended);
  });
});
