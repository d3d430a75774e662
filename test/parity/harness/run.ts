import { execFileSync } from "node:child_process";
import { readFileSync, readlinkSync, writeFileSync } from "node:fs";
import type { Diagnostic } from "../../../diagnostics/diagnostic.js";
import type { KernelInfo } from "../../../kernel/info.js";
import type { CounterReading } from "../../../runtime/counters.js";
import { ScriptFolder } from "../../unit/compiler/capture/built.js";
import type { Input } from "./inputs.js";
import { Instrumented } from "./instrument.js";
import { limitsOf } from "./limits.js";
import { loadModules, type Modules } from "./modules.js";

/** A number no system call has on any architecture: the kernel answers ENOSYS whatever the arguments are. */
export const NUMBER = 6_000_000n + BigInt(process.pid % 1_000_000);
/** What comm() gives in both worlds. */
export const COMM = "parity-test";

/** One event, with the stream it came through. */
export interface Sent {
  readonly stream: number;
  readonly event: Readonly<Record<string, unknown>>;
}

/** What one handler did with one input. */
export interface Outcome {
  readonly sent: readonly Sent[];
  /** Why the run ended before its end in Node: a check of the kernel's (EndedRun), or what JavaScript itself throws. */
  readonly ended?: unknown;
}

export interface BothRuns {
  readonly inputs: readonly Input[];
  /** By probe, then by input. */
  readonly node: readonly (readonly Outcome[])[];
  /** By input: what came from the kernel, of all probes. */
  readonly kernel: readonly (readonly Sent[])[];
  readonly counters: readonly CounterReading[];
  /** Stream of each probe. */
  readonly streams: readonly number[];
  /** Where each probe's handler is in the script. */
  readonly places: readonly { readonly start: number; readonly end: number }[];
  /** The handlers as scripts export them (`probe.handler`). */
  readonly handlers: readonly ((ctx: never) => unknown)[];
  /** What maps and aggregations hold in the end, in order of declaration: as JSON, entries in the order of their keys. */
  readonly state: { readonly kernel: readonly unknown[]; readonly node: readonly unknown[] };
  readonly text: string;
}

export class Refused extends Error {
  readonly diagnostics: readonly Diagnostic[];
  constructor(diagnostics: readonly Diagnostic[]) {
    super(
      diagnostics
        .map(
          (d) =>
            `${d.code} ${d.message} at ${d.span?.file.text.slice(d.span.start, d.span.end)}${d.details === undefined ? "" : `\n${d.details.slice(-3000)}`}`,
        )
        .join("\n"),
    );
    this.diagnostics = diagnostics;
  }
}

/** The script's text with what all need around it: `ID` filters our system calls, and each event must carry `n`, the input's number. */
export function scriptOf(body: string): string {
  return `import * as t from "tsprobe";
import { comm, event, fn, hash, ip, ktimeNs, lruHash, num, opt, options, pid, tid, tracepoint } from "tsprobe";
const ID = ${NUMBER}n;
${body}
`;
}

/** One probe: parameters a…e are the input's five words, n its number. */
export function probeOf(name: string, statements: string): string {
  return `export const ${name} = tracepoint("raw_syscalls:sys_enter", (ctx) => {
  if (ctx.id !== ID) return;
  const a = ctx.args[0], b = ctx.args[1], c = ctx.args[2], d = ctx.args[3], e = ctx.args[4], n = ctx.args[5];
${statements}
});`;
}

/** Compiles a script as the command does, without its type check. @throws Refused with the diagnostics */
export async function compileText(source: string, argv: readonly string[] = [], kernelInfo?: KernelInfo) {
  const m = await loadModules();
  const folder = new ScriptFolder();
  try {
    const script = m.script.beginScript(argv);
    const loaded = await m.load.loadScript(folder.write("script.ts", source), { resolveOwn: m.resolveOwn });
    try {
      if (loaded.diagnostics.some((d) => d.severity === "error")) throw new Refused(loaded.diagnostics);
      await loaded.evaluate();
      const kernel = kernelInfo ?? m.kernel.openKernel();
      const compiled = m.passes.compileScript({ script, captures: loaded.captures, kernel });
      if (compiled.program === undefined || compiled.module === undefined) throw new Refused(compiled.diagnostics);
      return { m, script, captures: loaded.captures, program: compiled.program, module: compiled.module };
    } finally {
      loaded.dispose();
    }
  } finally {
    folder.dispose();
  }
}

let compiler: Awaited<ReturnType<Modules["clang"]["chooseCompiler"]>> | undefined;

export async function objectOf(m: Modules, program: Awaited<ReturnType<typeof compileText>>["program"]): Promise<Uint8Array> {
  compiler ??= await m.clang.chooseCompiler({ cacheDir: m.clang.cacheDirectory() });
  return (await m.clang.compileProgram(program, { compiler, cache: undefined, keepRunning: true })).object;
}

function stateOf({ state }: { readonly state: readonly { toJSON(): unknown }[] }): readonly unknown[] {
  const text = (entry: unknown) => JSON.stringify((entry as { readonly key?: unknown }).key);
  return state.map((each) => {
    const read = each.toJSON();
    return Array.isArray(read) ? read.sort((a, b) => (text(a) < text(b) ? -1 : 1)) : read;
  });
}

let pinned = false;

/** Keeps this thread on the CPU it is on: sums of values per CPU are those of one CPU then, and wrap like Node's. */
function pinThread(): void {
  if (pinned) return;
  const thread = readlinkSync("/proc/thread-self").split("/").at(-1) as string;
  // The 39th field of proc(5)'s stat; the second one may contain blanks.
  const stat = readFileSync("/proc/thread-self/stat", "utf8");
  const cpu = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[36] as string;
  execFileSync("taskset", ["--cpu-list", "--pid", cpu, thread], { stdio: "ignore" });
  pinned = true;
}

/** Runs a script's handlers in the kernel and in Node over the same inputs. */
export async function runBoth(source: string, inputs: readonly Input[], argv: readonly string[] = []): Promise<BothRuns> {
  const { m, script, captures, program, module } = await compileText(source, argv);
  const object = await objectOf(m, program);
  writeFileSync("/proc/thread-self/comm", COMM);
  pinThread();
  Object.assign(m.task.fakeTask, { pid: process.pid, comm: COMM });
  let sink: (stream: number, event: Sent["event"]) => void = () => {};
  for (const [stream, events] of script.streams.entries()) events.on((event) => sink(stream, event as Sent["event"]));

  const kernel: Sent[][] = inputs.map(() => []);
  sink = (stream, event) => kernel[Number(event.n)]?.push({ stream, event });
  let inKernel: readonly unknown[] = [];
  const session = m.session.openSession({
    program,
    object,
    streams: script.streams,
    state: script,
    decoders: program.events.map(m.decode.compileDecoder),
    log: () => {},
    beforeUnload: () => {
      inKernel = stateOf(script);
    },
  });
  session.attach();
  session.start();
  const call = m.ffi.NativeLibrary.open("").bind("syscall", {
    parameters: ["i64", "i64", "i64", "i64", "i64", "i64", "i64"],
    result: "i64",
  });
  for (const [i, [a, b, c, d, e]] of inputs.entries()) {
    call(NUMBER, a, b, c, d, e, BigInt(i));
    if (i % 25 === 24) await new Promise((resolve) => setTimeout(resolve, 3));
  }
  const { counters } = await session.stop();

  const instrumented = new Instrumented(m, captures, limitsOf(module));
  const node: Outcome[][] = script.probes.map(() => []);
  for (const [i, input] of inputs.entries()) {
    for (const [index, probe] of script.probes.entries()) {
      const sent: Sent[] = [];
      sink = (stream, event) => sent.push({ stream, event });
      const handler = instrumented.of(probe.handler);
      instrumented.begin({ endsInKernel: !(kernel[i] ?? []).some(({ stream }) => stream === probe.stream) });
      let ended: unknown;
      try {
        const event = handler?.({ id: NUMBER, args: [...input, BigInt(i)] });
        if (event !== undefined) sent.push({ stream: probe.stream, event: event as Sent["event"] });
      } catch (error) {
        ended = error;
      }
      node[index]?.push({ sent, ...(ended === undefined ? {} : { ended }) });
    }
  }
  const places = script.probes.map(
    (probe) => captures.get(m.capture.captureMarkOf(probe.handler)?.id ?? "")?.callSpan ?? { start: 0, end: 0 },
  );
  return {
    inputs,
    node,
    kernel,
    counters,
    streams: script.probes.map(({ stream }) => stream),
    places,
    handlers: script.probes.map(({ handler }) => handler),
    state: { kernel: inKernel, node: stateOf(script) },
    text: source,
  };
}
