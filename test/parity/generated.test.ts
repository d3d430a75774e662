import { describe, expect, test } from "vitest";
import { skips, unlessRoot } from "../e2e/kernel-skip.js";
import { compareRuns } from "./harness/agreement.js";
import { makeInputs } from "./harness/inputs.js";
import { type GeneratedProgram, makePrograms, PROGRAM_HOST } from "./harness/programs.js";
import { compileText, probeOf, Refused, runBoth, scriptOf } from "./harness/run.js";

const BATCHES = Number(process.env.TSPROBE_PARITY_BATCHES ?? 6);
const SEED = Number(process.env.TSPROBE_PARITY_SEED ?? 1);
/** The kernel runs at most 64 programs on one tracepoint (BPF_TRACE_MAX_PROGS, kernel/trace/bpf_trace.c). */
const BATCH = 40;

function sourceOf(programs: readonly GeneratedProgram[]): string {
  const parts = programs.flatMap(({ map, statements }) => [
    `const ${map} = hash({ key: "u8", value: "u64" });`,
    probeOf(`probe_${map}`, statements),
  ]);
  return scriptOf([PROGRAM_HOST, ...parts].join("\n"));
}

/** The programs that the compiler accepts; the others must each have been refused by a diagnostic with a place in them. */
async function accepted(programs: readonly GeneratedProgram[]): Promise<GeneratedProgram[]> {
  const kept: GeneratedProgram[] = [];
  for (const program of programs) {
    try {
      await compileText(sourceOf([program]));
      kept.push(program);
    } catch (error) {
      if (!(error instanceof Refused)) throw new Error(`${error}\n${(error as Error).stack}\n${program.statements}`);
      for (const diagnostic of error.diagnostics) {
        expect(diagnostic).toMatchObject({
          code: expect.stringMatching(/^TSP2\d{3}$/),
          failure: "language",
          message: expect.any(String),
          span: expect.anything(),
        });
      }
    }
  }
  return kept;
}

const skip = skips("parity of generated programs", unlessRoot());

describe.skipIf(skip)("generated programs", () => {
  test(`${BATCHES * BATCH} of them are refused by a diagnostic, or do in the kernel what they do in Node`, {
    timeout: 300_000,
  }, async () => {
    const counts = { refused: 0, same: 0, ended: 0 };
    for (let batch = 0; batch < BATCHES; batch++) {
      const programs = await accepted(makePrograms(BATCH, SEED + batch));
      counts.refused += BATCH - programs.length;
      const { same, ended, problems } = await compared(programs, batch);
      counts.same += same;
      counts.ended += ended;
      expect(problems.slice(0, 5)).toEqual([]);
    }
    process.stdout.write(`generated programs: ${JSON.stringify(counts)}\n`);
    expect(counts.refused).toBeLessThan((BATCHES * BATCH) / 2);
    expect(counts.same).toBeGreaterThan(counts.ended);
  });
});

/** Runs programs in one script; when clang or the verifier refuses it, finds out which of them is to blame. */
async function compared(programs: readonly GeneratedProgram[], batch: number): Promise<ReturnType<typeof compareRuns>> {
  try {
    return compareRuns(await runBoth(sourceOf(programs), makeInputs(60, SEED + 1000 + batch)));
  } catch (error) {
    if (programs.length === 1) return { same: 0, ended: 0, problems: [`${error}\n${programs[0]?.statements}`] };
    const half = programs.length >> 1;
    const first = await compared(programs.slice(0, half), batch);
    return first.problems.length > 0 ? first : await compared(programs.slice(half), batch);
  }
}
