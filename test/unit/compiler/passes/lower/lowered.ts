import { printStatements } from "../../../../../compiler/ir/print.js";
import { compileForFixture } from "../../../../golden/compiled.js";
import { Refused } from "../../../../parity/harness/run.js";

const IMPORTS = `import { comm, event, fn, hash, ip, kptr, ktimeNs, lruHash, num, opt, options, pid, tid, tracepoint } from "tsprobe";
import { tcpState } from "tsprobe/kernel";
`;

function scriptOf(body: string, host: string, target: string): string {
  return `${IMPORTS}${host}\nexport const p = tracepoint("${target}", (ctx) => {\n${body}\n});\n`;
}

/** The IR of one handler as lines without indentation. */
export async function irOf(body: string, host = "", target = "raw_syscalls:sys_enter", release?: string): Promise<string[]> {
  const { module } = await compileForFixture(scriptOf(body, host, target), release);
  return printStatements(module.handlers[0]?.body ?? [])
    .split("\n")
    .map((line) => line.trim());
}

/** The IR of the value in `return { v: … }`, the last statement. */
export async function valueIr(body: string, host = "", target?: string): Promise<string> {
  const last = (await irOf(body, host, target)).at(-1) as string;
  return last.replace(/^send \{ v: (.*) \}$/, "$1");
}

export interface Refusal {
  readonly code: string;
  readonly message: string;
  /** The text it points at. */
  readonly at: string;
  readonly hints: readonly string[];
}

/** What is wrong with a handler; empty when it compiles. */
export async function refusalsOf(
  body: string,
  host = "",
  target = "raw_syscalls:sys_enter",
  release?: string,
): Promise<Refusal[]> {
  try {
    await compileForFixture(scriptOf(body, host, target), release);
    return [];
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return error.diagnostics.map(({ code, message, span, hints }) => ({
      code,
      message,
      at: span === undefined ? "" : span.file.text.slice(span.start, span.end),
      hints: hints ?? [],
    }));
  }
}
