import { fileURLToPath } from "node:url";

/** A handler to be run in Node and in the kernel over the same inputs. */
export interface Case {
  /** For messages. */
  readonly title: string;
  /** Statements before the return; a, b, c, d are unsigned 64-bit inputs, i the number of the input. */
  readonly body?: string;
  /** The field `r` of the event. */
  readonly result: string;
  /**
   * What the kernel may refuse, counting it: a result outside 64 bits always; of a "signed" operation also one of 2^63 and
   * more (mixed operands make a signed result); "operand": whatever the result, when an operand cannot take part (a negative
   * shift count, an unsigned value of 2^63 and more beside a signed one).
   */
  readonly refuses?: "signed" | "operand";
}

/**
 * System call 400 does not exist (kernel, arch/x86/entry/syscalls/syscall_64.tbl): it returns ENOSYS whatever its arguments
 * are, and still passes raw_syscalls:sys_enter, which makes it a way to hand six 64-bit numbers to a handler.
 */
const NUMBER = 400;
const LIBRARY = fileURLToPath(new URL("../../runtime/ffi/library.ts", import.meta.url));

/**
 * A script that runs all cases: each handler sees each input in the kernel; then the host part runs the same handler in
 * Node and compares. The result is one line on standard output: "parity " and a JSON object (see `Outcome`).
 */
export function parityScript(cases: readonly Case[], inputs: readonly (readonly bigint[])[], prelude = ""): string {
  const handlers = cases.map(
    ({ body = "", result }, n) => `export const case${n} = tracepoint("raw_syscalls:sys_enter", (ctx) => {
  if (pid() !== SELF || ctx.id !== CALL || ctx.args[5] === READY) return;
  const a = ctx.args[0]; const b = ctx.args[1]; const c = ctx.args[2]; const d = ctx.args[3]; const i = ctx.args[5];
  ${body.trim().replaceAll("\n", "\n  ")}
  return { i, r: ${result} };
});`,
  );
  return `// biome-ignore-all lint: generated
import { comm, event, fn, hash, ip, ktimeNs, lruHash, num, opt, options, pid, tracepoint } from "tsprobe";
import { task } from "tsprobe/test";
import { tcpState } from "tsprobe/kernel";
import { NativeLibrary } from ${JSON.stringify(LIBRARY)};

const SELF = process.pid;
const CALL = ${NUMBER}n;
const READY = 1_000_000_000n;
${prelude}
${handlers.join("\n")}

const refuses: (string | undefined)[] = ${JSON.stringify(cases.map((one) => one.refuses ?? null))};
const cases: any[] = [${cases.map((_, n) => `case${n}`).join(", ")}];
const inputs: bigint[][] = [${inputs.map((values) => `[${values.map((value) => `${value}n`).join(", ")}]`).join(",\n")}];
const call = NativeLibrary.open("").bind("syscall", { parameters: ["i64", "i64", "i64", "i64", "i64", "i64", "i64"], result: "i64" });
const send = (values: bigint[], i: bigint) => call(CALL, ...[...Array(4).keys()].map((n) => BigInt.asIntN(64, values[n] ?? 0n)), 0n, i);

// What came from the kernel, by case and input.
const received: Map<bigint, unknown>[] = cases.map(() => new Map());
for (const [n, probe] of cases.entries()) probe.on((e: any) => received[n]!.set(e.i, e.r));

let ready = false;
export const readiness = tracepoint("raw_syscalls:sys_enter", (ctx) => {
  if (pid() !== SELF || ctx.id !== CALL || ctx.args[5] !== READY) return;
  return { i: ctx.args[5] };
});
readiness.on(() => { ready = true; });

const show = (value: unknown): string =>
  JSON.stringify(value, (_key, v) => (typeof v === "bigint" ? v + "n" : v === undefined ? "undefined" : Object.is(v, -0) ? 0 : v));
/** Whether the kernel cannot hold a result: then it must have counted a fault instead of sending. */
const unfit = (value: unknown, rule: string | null | undefined): boolean =>
  rule === "operand" ? true
  : typeof value === "bigint" ? value >= (rule === "signed" ? 2n ** 63n : 2n ** 64n) || value < -(2n ** 63n)
  : typeof value === "number" ? !Number.isSafeInteger(value)
  : typeof value === "object" && value !== null ? Object.values(value).some((part) => unfit(part, rule)) : false;

async function main() {
  const timer = setInterval(() => send([], READY), 20);
  while (!ready) await new Promise((resolve) => setTimeout(resolve, 10));
  clearInterval(timer);
  for (const [i, values] of inputs.entries()) send(values, BigInt(i));
  await new Promise((resolve) => setTimeout(resolve, 400));
  task({ pid: SELF, tid: SELF, comm: "node" });
  const wrong: unknown[] = [];
  let sent = 0, silent = 0, faults = 0, doubtful = 0;
  for (const [n, probe] of cases.entries()) {
    for (const [i, values] of inputs.entries()) {
      const args = [values[0] ?? 0n, values[1] ?? 0n, values[2] ?? 0n, values[3] ?? 0n, 0n, BigInt(i)];
      let node: any; let thrown: unknown;
      try { node = probe.handler({ id: CALL, args }); } catch (error) { thrown = error; }
      const got = received[n]!.has(BigInt(i));
      if (got) {
        sent++;
        if (thrown !== undefined || node === undefined || show(node.r) !== show(received[n]!.get(BigInt(i)))) {
          wrong.push({ case: n, args: args.map(String), node: thrown === undefined ? show(node?.r) : String(thrown), kernel: show(received[n]!.get(BigInt(i))) });
        }
      } else if (thrown === undefined && node === undefined) silent++;
      else if (thrown !== undefined || unfit(node.r, refuses[n])) faults++;
      else { doubtful++; wrong.push({ case: n, args: args.map(String), node: show(node.r), kernel: "nothing" }); }
    }
  }
  console.log("parity " + JSON.stringify({ sent, silent, faults, doubtful, wrong: wrong.slice(0, 40), wrongCount: wrong.length }));
  process.kill(SELF, "SIGINT");
}
setTimeout(main, 0);
`;
}
