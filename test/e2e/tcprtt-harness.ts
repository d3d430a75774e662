import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";
import { RunningProcess, type WhenFinished, withTracefs } from "./harness/process.js";
import { readJsonLines } from "./harness/read-json.js";
import { toolEnvironment, tsprobeEntry } from "./harness/requirements.js";

const probe = new URL("../../probes/tcprtt.ts", import.meta.url).pathname;
const traffic = new URL("./tcprtt-traffic.mjs", import.meta.url).pathname;

/** One histogram, as `--format json` has it. */
export interface Block {
  readonly laddr?: string;
  readonly raddr?: string;
  readonly network?: string;
  readonly unit: string;
  readonly count: number;
  readonly min: number;
  readonly p50: number;
  readonly max: number;
  readonly avg: number;
  readonly buckets: readonly { readonly from: number; readonly to: number; readonly count: number }[];
}

/** The events of a run's JSON. */
export function blocksOf(stdout: string): Block[] {
  const lines = readJsonLines(stdout) as { readonly type: string; readonly data: Block }[];
  return lines.flatMap(({ type, data }) => (type === "event" ? [data] : []));
}

const commandOf = (...flags: readonly string[]) => [process.execPath, tsprobeEntry, "run", "--no-check", probe, ...flags];

/** `tsprobe run probes/tcprtt.ts`, without waiting. */
export const tcprtt = Object.assign(
  (...flags: readonly string[]) => new RunningProcess(withTracefs(commandOf(...flags)), { NO_COLOR: "1" }),
  { command: commandOf },
);

/** The same, attached. */
export async function startTcprtt(...flags: readonly string[]): Promise<RunningProcess> {
  const tool = tcprtt(...flags);
  await tool.until(() => /^attached/m.test(tool.stderr), `tcprtt ${flags.join(" ")} to attach`, 40_000);
  return tool;
}

export interface TrafficOptions {
  readonly count: number;
  /** Milliseconds between round trips. */
  readonly pause?: number;
  readonly listen?: string;
  readonly host?: string;
  /** The client's address. */
  readonly from?: string;
  /** A directory of the cgroup file system, for the client. */
  readonly cgroup?: string;
}

/** What `ss -tin` says of the client's socket, in microseconds. */
export interface SsReading {
  readonly rtt: number;
  readonly mdev: number;
  readonly min: number;
}

class Role {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(args: readonly string[], whenFinished: WhenFinished, cgroup?: string) {
    const enter = cgroup === undefined ? [] : ["sh", "-c", 'echo $$ > "$0/cgroup.procs" && exec "$@"', cgroup];
    const [command, ...rest] = [...enter, process.execPath, traffic, ...args];
    this.#child = spawn(command as string, rest, { stdio: ["pipe", "pipe", "inherit"], env: toolEnvironment() });
    this.#lines = createInterface(this.#child.stdout as NodeJS.ReadableStream)[Symbol.asyncIterator]();
    whenFinished(async () => {
      this.#child.kill("SIGKILL");
    });
  }

  tell(): void {
    this.#child.stdin?.write("\n");
  }

  end(): void {
    this.#child.stdin?.end();
  }

  async hear<T>(type: string): Promise<T> {
    const { value } = await this.#lines.next();
    const said = JSON.parse(value ?? "{}") as T & { readonly type?: string };
    if (said.type !== type) throw new Error(`the traffic said ${value}, not ${type}`);
    return said;
  }
}

/** A connection over loopback whose round trips are done: see tcprtt-traffic.mjs. */
export async function startTraffic(
  port: number,
  { count, pause = 0, listen = "127.0.0.1", host = "127.0.0.1", from = host, cgroup }: TrafficOptions,
  whenFinished: WhenFinished = onTestFinished,
) {
  const server = new Role(["serve", String(port), listen], whenFinished);
  await server.hear("listening");
  const client = new Role(["ask", String(port), host, String(count), String(pause), from], whenFinished, cgroup);
  const { client: clientPort } = await client.hear<{ client: number }>("ports");
  await client.hear("asked");
  return {
    client: clientPort,
    askSs: () => {
      client.tell();
      return client.hear<SsReading>("ss");
    },
    /** The server closes first, then the client. */
    close: async () => {
      client.tell();
      await client.hear("done");
      server.end();
    },
  };
}

/** Connections one after another, each held for so long after its round trips and then reset: on one CPU, where sockets get each other's places in memory. */
export async function resetConnections(port: number, holdMs: number, counts: readonly number[]) {
  const args = [traffic, "reset", `${port}`, `${holdMs}`, ...counts.map(String)];
  const { code, stdout } = await new RunningProcess(["taskset", "-c", "0", process.execPath, ...args], {}).ended;
  if (code !== 0) throw new Error(`the traffic ended with ${code}: ${stdout}`);
  return readJsonLines(stdout) as { readonly client: number; readonly asked: number }[];
}
