import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fixtureKernel } from "../fixtures/kernel.js";
import { compileText } from "../parity/harness/run.js";

const repository = join(import.meta.dirname, "../../");

const IMPORTS = `import { comm, event, fn, hash, ip, ktimeNs, lruHash, opt, options, pid, tracepoint } from "tsprobe";
import { tcpState } from "tsprobe/kernel";
`;

/** A golden file: a sentence (or the path of a probe of ours), the script, and what it becomes. */
export interface GoldenCase {
  readonly path: string;
  /** What stands before the result. */
  readonly input: string;
  readonly script: string;
}

/** The cases of a folder of golden files, by name. */
export function goldenCases(folder: string, result: string): readonly (readonly [name: string, golden: GoldenCase])[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".txt"))
    .map((name) => {
      const path = join(folder, name);
      const input = readFileSync(path, "utf8").split(`=== ${result}\n`)[0] as string;
      const [sentence = "", script] = input.split("=== script.ts\n");
      const text =
        script === undefined ? readFileSync(join(import.meta.dirname, "../..", sentence.trim()), "utf8") : IMPORTS + script;
      return [name.slice(0, -".txt".length), { path, input: `${input}=== ${result}\n`, script: text }] as const;
    });
}

/** Compiles for the kernel of test/fixtures, the same on every machine. */
export async function compileForFixture(script: string, release?: string) {
  const kernel = fixtureKernel();
  const { program, module } = await compileText(script, [], release === undefined ? kernel : { ...kernel, release });
  // Where the script lies differs from run to run, and where helpers of tsprobe/net do from checkout to checkout.
  const c = program.c.replaceAll(/"[^"]*\/script\.ts"/g, '"script.ts"').replaceAll(repository, "");
  return { c, module, program };
}
