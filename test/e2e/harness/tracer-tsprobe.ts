import { RunningProcess, withTracefs } from "./process.js";
import { readStatesCsv, readStatesJson, readStatesTable } from "./read-states.js";
import { tsprobeEntry } from "./requirements.js";
import type { Tracer } from "./tracer.js";

export type Format = "json" | "csv" | "table";

const probe = new URL("../../../probes/tcpstates.ts", import.meta.url).pathname;

/** Starts `tsprobe run probes/tcpstates.ts` and waits until it is attached. */
export async function startTsprobe(format: Format, flags: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Tracer> {
  const process = spawnTsprobe(format, flags, env);
  await process.until(() => isAttached(process), `tsprobe ${flags.join(" ")} to attach`);
  return { name: `tsprobe --format ${format}`, process, rows: () => readRows(format, process.stdout) };
}

/** Starts it without waiting. `stdout` is a file descriptor to write to; otherwise the output is gathered. */
export function spawnTsprobe(
  format: Format,
  flags: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
  stdout?: number,
): RunningProcess {
  const command = [process.execPath, tsprobeEntry, "run", probe];
  return new RunningProcess(
    withTracefs([...command, ...(format === "table" ? [] : ["--format", format]), ...flags]),
    env,
    stdout,
  );
}

export function isAttached(process: RunningProcess): boolean {
  return /^attached/m.test(process.stderr);
}

/** The rows of the complete lines of an output. */
export function readRows(format: Format, stdout: string) {
  const complete = stdout.slice(0, stdout.lastIndexOf("\n") + 1);
  if (format === "json") return readStatesJson(complete).rows;
  return format === "csv" ? readStatesCsv(complete) : readStatesTable(complete);
}
