import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { collect } from "./harness/collect.js";
import { describeWhere, requireRoot } from "./harness/requirements.js";

const needs = [requireRoot];

/** A program of our own name, so that its events cannot be taken for another's. */
async function withProgram(name: string, use: (path: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "tsprobe-text-"));
  const path = join(folder, name);
  copyFileSync("/bin/true", path);
  try {
    await use(path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describeWhere(needs, "text fields of tracepoints", () => {
  test("__data_loc: the path of a program that is started", async () => {
    await withProgram("tsprobe-exec", async (path) => {
      const source = `
import { comm, pid, tracepoint } from "tsprobe";
export const started = tracepoint("sched:sched_process_exec", (ctx) => {
  if (comm() !== "tsprobe-exec") return;
  const name = ctx.filename;
  return { pid: pid(), field: ctx.pid, path: ctx.filename, again: name, other: ctx.filename === "/bin/true" };
});`;
      let child = 0;
      const { streams } = await collect(source, async () => {
        child = spawnSync(path).pid;
      });
      // The kernel keeps 64 bytes of it, the NUL included.
      const kept = path.slice(0, 63);
      expect(streams[0]).toEqual([{ pid: child, field: child, path: kept, again: kept, other: false }]);
    });
  });

  test("__data_loc: the name of a network device", async () => {
    const server = createServer((socket) => socket.end("x"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const source = `
import { pid, tracepoint } from "tsprobe";
const ME = ${process.pid};
export const queued = tracepoint("net:net_dev_queue", (ctx) => {
  if (pid() !== ME || ctx.name !== "lo") return;
  return { name: ctx.name, len: ctx.len, long: ctx.name === "loopback", is: ctx.name === "lo" };
});`;
    const { streams } = await collect(source, async () => {
      await new Promise<void>((resolve) =>
        connect(port, "127.0.0.1")
          .on("close", () => resolve())
          .resume(),
      );
    });
    server.close();
    expect(streams[0]?.length).toBeGreaterThan(0);
    for (const event of streams[0] ?? [])
      expect(event).toMatchObject({ name: "lo", long: false, is: true, len: expect.any(Number) });
  });

  test("char arrays: the names of threads", async () => {
    await withProgram("tsprobe-fork", async (path) => {
      const source = `
import { pid, tracepoint } from "tsprobe";
const ME = ${process.pid};
export const switched = tracepoint("sched:sched_switch", (ctx) => {
  if (ctx.prev_comm !== "tsprobe-fork" || ctx.prev_pid === 0) return;
  return { from: ctx.prev_comm, to: ctx.next_comm, pid: ctx.prev_pid, pick: ctx.next_pid === 0 ? "idle" : ctx.next_comm };
});
export const forked = tracepoint("sched:sched_process_fork", (ctx) => {
  if (pid() !== ME) return;
  return { parent: ctx.parent_comm, child: ctx.child_pid };
});`;
      const { streams } = await collect(source, async () => {
        spawnSync(path);
      });
      const [switched = [], forked = []] = streams;
      expect(switched.length).toBeGreaterThan(0);
      for (const event of switched) {
        expect(event.from).toBe("tsprobe-fork");
        expect((event.to as string).length).toBeGreaterThan(0);
        expect(event.pick).toBe((event.to as string).startsWith("swapper/") ? "idle" : event.to);
      }
      expect(forked.length).toBeGreaterThan(0);
    });
  });
});
