import { once } from "node:events";
import { connect, createServer } from "node:net";
import { expect, test } from "vitest";
import { freePort } from "./harness/free-port.js";
import { RunningProcess, withTracefs } from "./harness/process.js";
import { readJsonLines } from "./harness/read-json.js";
import { describeWhere, requireBuild, requireRoot, requireTracefs, tsprobeEntry } from "./harness/requirements.js";

const probes = new URL("../../probes/", import.meta.url).pathname;

interface Line {
  readonly type: string;
  readonly name?: string;
  readonly delivered?: number;
}

/** Runs a tool while a connection after the other is made to a port of ours, until it ends by itself. */
async function besideConnections(port: number, tool: string, ...flags: string[]) {
  const server = createServer((socket) => socket.on("error", () => {}).pipe(socket)).listen(port, "127.0.0.1");
  await once(server, "listening");
  const argv = [process.execPath, tsprobeEntry, "run", `${probes}${tool}.ts`, "--no-check", "--format", "json", ...flags];
  const tracer = new RunningProcess(withTracefs(argv));
  try {
    await tracer.until(() => /^attached/m.test(tracer.stderr), "tsprobe to attach");
    let over = false;
    const ended = tracer.ended.finally(() => {
      over = true;
    });
    while (!over) {
      const socket = connect(port, "127.0.0.1").on("error", () => {});
      await once(socket, "connect");
      socket.end("ping").resume();
      await once(socket, "close");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const { stdout, stderr, code } = await ended;
    const lines = readJsonLines(stdout) as Line[];
    return { code, stderr, events: lines.filter(({ type }) => type === "event"), summary: lines.at(-1) as Line };
  } finally {
    await tracer.stop();
    server.close();
  }
}

describeWhere(
  [requireRoot, requireTracefs, requireBuild],
  "--events, the closing line and `delivered` count what was written",
  () => {
    // Aggregations that rows are made of, events that an account is kept from, and a row for each event.
    test.each([
      ["tcprtt", ["-i", "0.3", "--events", "2"], 2],
      ["localports", ["-i", "0.2", "--warn", "0", "--events", "3"], 3],
      ["tcpconnlat", ["--events", "4"], 4],
      ["tcpstates", ["--events", "5"], 5],
      // Each change is a row that nobody shows here.
      ["tcpstates", ["--summary", "-i", "0.5", "--events", "2"], 2],
    ])("%s %j", { timeout: 60_000 }, async (tool, flags, count) => {
      const { code, stderr, events, summary } = await besideConnections(await freePort(), tool, ...flags);
      expect([events.length, summary.type, summary.delivered], stderr).toEqual([count, "summary", count]);
      expect(stderr).toMatch(new RegExp(`^${count} events in `, "m"));
      expect(code).toBe(0);
    });

    test("rows that are made at the end count, too", { timeout: 60_000 }, async () => {
      const { events, summary, stderr } = await besideConnections(await freePort(), "tcpstates", "--summary", "--for", "1s");
      expect(events.length).toBeGreaterThan(2);
      expect(summary.delivered).toBe(events.length);
      expect(stderr).toMatch(new RegExp(`^${events.length} events in `, "m"));
    });
  },
);
