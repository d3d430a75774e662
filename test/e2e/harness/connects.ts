import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type CProgram, compileC } from "../../fixtures/c-program.js";
import { type Ended, RunningProcess, withTracefs } from "./process.js";
import { isProcessOneHidden } from "./process-one.js";
import { readExactJson } from "./read-json.js";
import { tsprobeEntry } from "./requirements.js";

const fixtures = new URL("../../fixtures/", import.meta.url).pathname;
export const connectNets = join(fixtures, "connect-nets.sh");
export const connectProbe = new URL("../../../probes/tcpconnlat.ts", import.meta.url).pathname;

/** What the client says of one of its connects (test/fixtures/connects.c). `errno`: -1 when it cannot know. */
export interface Told {
  readonly mode: string;
  readonly address: string;
  readonly port: number;
  readonly pid: number;
  readonly lport: number;
  readonly errno: number;
  readonly ns: number;
}

/** A row of tcpconnlat in JSON. */
export interface Connected {
  readonly at: number;
  readonly ns: number;
  readonly pid: number;
  readonly comm: string;
  readonly uid: number;
  readonly netns: number;
  readonly ipv: number;
  readonly saddr: string;
  readonly lport?: number;
  readonly daddr: string;
  readonly dport: number;
  readonly outcome: string;
  readonly error?: string;
  readonly retrans?: number;
  readonly search?: number;
}

/** The client of the tests. */
export const compileConnects = (): CProgram =>
  compileC(readFileSync(join(fixtures, "connects.c"), "utf8"), { name: "connects", flags: ["-I", fixtures] });

/** The command that plays connects in namespaces of their own. */
export function connectCommand(client: CProgram, connects: readonly string[], delayMs = 0): string {
  return ["unshare", "-n", connectNets, client.path, String(delayMs), ...connects].map((word) => `'${word}'`).join(" ");
}

export function runConnlat(flags: readonly string[]): RunningProcess {
  return new RunningProcess(withTracefs([process.execPath, tsprobeEntry, "run", connectProbe, "--no-check", ...flags]));
}

/** JSON lines of a text, those of other things left out. */
export function jsonLines(text: string): Readonly<Record<string, unknown>>[] {
  return text
    .split(/\r?\n/)
    .filter((line) => line.startsWith("{"))
    .map((line) => readExactJson(line) as Readonly<Record<string, unknown>>);
}

export interface Played extends Ended {
  readonly told: readonly Told[];
  readonly rows: readonly Connected[];
  /** SYNs sent again, by nstat. */
  readonly retrans: number | undefined;
  readonly records: readonly Readonly<Record<string, unknown>>[];
}

const PERFORMANCES = 3;

/**
 * tcpconnlat --format json with these flags, while the client connects. Once more where the client was told the end of a connect that no
 * tracer saw, on a kernel that hides what interrupts do while process 1 runs: see isProcessOneHidden().
 */
export async function playConnects(
  client: CProgram,
  connects: readonly string[],
  flags: readonly string[] = [],
): Promise<Played> {
  for (let performance = 1; ; performance++) {
    const ended = await runConnlat(["--format", "json", ...flags, "-c", connectCommand(client, connects)]).ended;
    const played = { ...ended, ...readPlayed(ended.stdout, ended.stderr) };
    const unseen = played.rows.find((row) => row.outcome === "pending" && played.told.some((one) => isEndOf(one, row)));
    if (unseen === undefined || performance === PERFORMANCES || !(await isProcessOneHidden())) return played;
    console.warn(`the kernel, which hides what happens while process 1 runs, told nobody of a connect's end; once more`);
  }
}

/** Whether the client was told how a connect ended: by success, or by an error that is none of the waiting. */
function isEndOf({ pid, address, port, errno }: Told, row: Connected): boolean {
  return errno !== -1 && pid === row.pid && address === row.daddr && port === row.dport;
}

/** @param heard where the client's lines are */
export function readPlayed(stdout: string, heard: string): Omit<Played, keyof Ended> {
  const records = jsonLines(stdout);
  const lines = jsonLines(heard);
  return {
    records,
    rows: records
      .filter(({ type, name }) => type === "event" && (name === "connects" || name === undefined))
      .map(({ data }) => data as Connected),
    told: lines.filter(({ mode }) => mode !== undefined).map((line) => line as unknown as Told),
    retrans: lines.find(({ retrans, mode }) => retrans !== undefined && mode === undefined)?.retrans as number | undefined,
  };
}

/** The word that tcpconnlat has for what connect() said; for cancelled ones the client's way to do it. */
export function wordFor({ mode, errno, address }: Told): string {
  if (["close", "unspec", "reset", "kill"].includes(mode)) return "cancelled";
  if (errno === 99) return address.startsWith("fd75::") ? "no address" : "no port";
  return (
    { 0: "ok", 13: "EACCES", 22: "EINVAL", 101: "unreachable", 110: "timed out", 111: "refused", 113: "unreachable" }[errno] ??
    `errno ${errno}`
  );
}
