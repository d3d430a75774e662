import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CProgram, compileC } from "../fixtures/c-program.js";
import { RunningProcess } from "./harness/process.js";
import { readJsonLines } from "./harness/read-json.js";
import { describeWhere, requireBuild, requireRoot, requireTool, requireTracefs } from "./harness/requirements.js";
import { startTsprobe } from "./harness/tracer-tsprobe.js";

interface Told {
  readonly what: string;
  readonly rport: number;
  readonly lport: number;
  readonly errno: number;
}

const needs = [requireRoot, requireTracefs, requireBuild, requireTool("gcc"), requireTool("unshare", "util-linux")];

describeWhere(needs, "probes/tcpstates.ts and sockets that connect again", () => {
  let client: CProgram;
  beforeAll(() => {
    const source = readFileSync(new URL("../fixtures/reused-sockets.c", import.meta.url), "utf8");
    client = compileC(source, { name: "reused" });
  });
  afterAll(() => client?.remove());

  /** What the client was told, and the rows of tcpstates with each of these flags. */
  async function play(...flags: readonly (readonly string[])[]) {
    const tools = await Promise.all(flags.map((some) => startTsprobe("json", ["--comm", "reused", ...some])));
    const script = 'ip link set lo up && exec "$0"';
    const { code, stdout } = await new RunningProcess(["unshare", "-n", "sh", "-c", script, client.path], {}).ended;
    expect(code).toBe(0);
    const ended = await Promise.all(tools.map(({ process }) => process.stop()));
    return { told: readJsonLines(stdout) as Told[], outputs: ended.map((one) => one.stdout) };
  }

  /** From what, to what, and the local port, of the connecting sockets' rows in order. */
  const eventsOf = (stdout: string) =>
    (readJsonLines(stdout) as { type: string; data: { from: string; to: string; lport: number; rport: number } }[])
      .filter(({ type, data }) => type === "event" && (data.rport === 9 || data.rport === 80))
      .map(({ data: { from, to, lport, rport } }) => ({ from, to, lport, rport }));

  test("each row has the port of its own connection, and -L looks at that one", { timeout: 60_000 }, async () => {
    const { told, outputs } = await play([], ["-L", "50000-50999"], ["-L", "51000-51999"]);
    const [all, first, second] = outputs.map(eventsOf);
    expect(told.map(({ errno }) => errno)).toEqual([111, 0, 111, 0, 99, 99]);
    const portsTo = (to: string, rport: number) =>
      all?.filter((row) => row.to === to && row.rport === rport).map(({ lport }) => lport);
    const toldTo = (port: number) => told.filter(({ rport }) => rport === port).map(({ lport }) => lport);
    expect(portsTo("SYN_SENT", 9)).toEqual(toldTo(9));
    expect(portsTo("SYN_SENT", 80)).toEqual(toldTo(80));
    expect(portsTo("CLOSE", 9)).toEqual(toldTo(9));
    expect(portsTo("ESTABLISHED", 80)).toEqual(toldTo(80).slice(0, 2));
    const within = (low: number) => all?.filter(({ lport }) => lport >= low && lport < low + 1000);
    expect(first).toEqual(within(50_000));
    expect(second).toEqual(within(51_000));
    expect(first?.length).toBeGreaterThan(4);
    expect(second?.length).toBe(first?.length);
  });

  test("--summary -L counts the times of these connections, and no others", { timeout: 60_000 }, async () => {
    const { outputs } = await play(["--summary"], ["--summary", "-L", "50000-50999"], ["--summary", "-L", "51000-51999"]);
    const [all, first, second] = outputs.map((stdout) => {
      const lines = readJsonLines(stdout) as { type: string; data: { state: string; count: number; max: number } }[];
      return Object.fromEntries(lines.flatMap(({ type, data }) => (type === "event" ? [[data.state, data]] : [])));
    });
    // Of six: two in each range, and two that found no port.
    expect([all, first, second].map((one) => one?.SYN_SENT?.count)).toEqual([6, 2, 2]);
    expect([all, first, second].map((one) => one?.ESTABLISHED?.count)).toEqual([2, 1, 1]);
    // The client pauses for 200 ms between its connects; none takes that long.
    for (const one of [all, first, second]) expect(one?.SYN_SENT?.max).toBeLessThan(150);
    // Each tool has its own clock reading.
    expect(Math.abs((first?.ESTABLISHED?.max ?? 0) - (all?.ESTABLISHED?.max ?? 0))).toBeLessThan(50);
  });
});
