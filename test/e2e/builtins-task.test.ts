import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { collect } from "./harness/collect.js";
import { onOwnCall, ownCall } from "./harness/own-call.js";
import { describeWhere, requireFile, requireRoot, requireTool } from "./harness/requirements.js";

const needs = [requireRoot, requireFile("/sys/kernel/btf/vmlinux")];

/** A line of /proc/thread-self/status, its numbers. */
function status(name: string): number[] {
  const line = readFileSync("/proc/thread-self/status", "utf8")
    .split("\n")
    .find((text) => text.startsWith(`${name}:`)) as string;
  return line.split(/\s+/).slice(1).map(Number);
}

/** The directory of a process's cgroup (version 2), where that is mounted here. */
function cgroupDirectory(pid: number | "self"): string | undefined {
  const path = /^0::(.*)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, "utf8"))?.[1];
  const mounted = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .find((line) => line.includes(" - cgroup2 "));
  return path === undefined || mounted === undefined ? undefined : join(mounted.split(" ")[4] as string, path);
}

describeWhere(needs, "the current task", () => {
  test("has the ids that /proc tells", async () => {
    const { streams, counters } = await collect(
      onOwnCall(
        "comm, cpu, curtask, gid, netns, pid, ppid, tid, uid",
        `return { pid: pid(), tid: tid(), ppid: ppid(), uid: uid(), gid: gid(), comm: comm(), netns: netns(), cpu: cpu(),
    task: { pid: curtask().pid, tgid: curtask().tgid, comm: curtask().comm }, same: curtask().tgid === pid() };`,
      ),
      async () => ownCall(),
    );
    const comm = readFileSync("/proc/thread-self/comm", "utf8").trimEnd();
    const [tid] = status("Pid");
    expect(counters).toEqual([]);
    expect(streams[0]).toEqual([
      {
        pid: process.pid,
        tid,
        ppid: status("PPid")[0],
        uid: status("Uid")[1],
        gid: status("Gid")[1],
        comm,
        netns: statSync("/proc/thread-self/ns/net").ino,
        cpu: expect.any(Number),
        task: { pid: tid, tgid: process.pid, comm },
        same: true,
      },
    ]);
  });

  test("of another user, in another network namespace, on a chosen CPU", async ({ skip }) => {
    const needs = ["taskset", "unshare", "setpriv"]
      .map((tool) => requireTool(tool, "util-linux")())
      .find((why) => why !== undefined);
    if (needs !== undefined) skip(needs);
    const source = `import { cpu, gid, netns, pid, ppid, tracepoint, uid } from "tsprobe";
export const seen = tracepoint("sched:sched_process_exec", (ctx) => {
  if (ppid() !== ${process.pid}) return;
  return { pid: pid(), uid: uid(), gid: gid(), netns: netns(), cpu: cpu() };
});`;
    let told = "";
    let child = 0;
    const { streams } = await collect(source, async () => {
      const done = spawnSync(
        "taskset",
        [
          "1",
          "unshare",
          "--net",
          "setpriv",
          "--reuid",
          "1234",
          "--regid",
          "2345",
          "--clear-groups",
          "stat",
          "-Lc",
          "%i",
          "/proc/self/ns/net",
        ],
        { encoding: "utf8" },
      );
      told = done.stdout.trim();
      child = done.pid;
    });
    // The last program in the chain is stat: it has all of what those before it set.
    expect(streams[0]?.filter((event) => event.pid === child).at(-1)).toEqual({
      pid: child,
      uid: 1234,
      gid: 2345,
      netns: Number(told),
      cpu: 0,
    });
    expect(Number(told)).not.toBe(statSync("/proc/self/ns/net").ino);
  });

  test("is in the cgroup whose directory has that inode number", async ({ skip }) => {
    const own = cgroupDirectory("self");
    if (own === undefined) return skip("cgroup 2 is not mounted");
    const { streams } = await collect(onOwnCall("cgroupId", "return { id: cgroupId() };"), async () => ownCall());
    expect(streams[0]).toEqual([{ id: statSync(own, { bigint: true }).ino }]);
    const made = join(own, `tsprobe-test-${process.pid}`);
    try {
      mkdirSync(made);
    } catch (error) {
      skip(`no cgroup can be made here (${(error as Error).message})`);
    }
    try {
      const inode = statSync(made, { bigint: true }).ino;
      const source = `import { cgroupId, pid, tracepoint } from "tsprobe";
export const seen = tracepoint("sched:sched_process_exec", (ctx) => {
  if (cgroupId() === ${inode}n) return { pid: pid() };
});`;
      let moved = 0;
      const found = await collect(source, async () => {
        const { pid, status: code } = spawnSync("sh", ["-c", 'echo $$ > "$1/cgroup.procs" && exec true', "sh", made]);
        moved = code === 0 ? pid : 0;
      });
      if (moved === 0) skip("no process can be moved to a cgroup here");
      expect(found.streams[0]).toEqual([{ pid: moved }]);
    } finally {
      rmdirSync(made);
    }
  });

  test("random numbers differ and fill 32 bits", async () => {
    const { streams } = await collect(onOwnCall("random", "return { x: random(), y: random() };"), async () => {
      for (let i = 0; i < 100; i++) ownCall();
    });
    const numbers = (streams[0] ?? []).flatMap((event) => [event.x as number, event.y as number]);
    expect(numbers).toHaveLength(200);
    expect(new Set(numbers).size).toBeGreaterThan(190);
    expect(Math.max(...numbers)).toBeGreaterThan(2 ** 31);
    expect(Math.max(...numbers)).toBeLessThan(2 ** 32);
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  });

  test("an exiting task has no network namespace: 0, and the run goes on", async () => {
    const source = `import { netns, pid, ppid, tracepoint } from "tsprobe";
export const ended = tracepoint("sched:sched_process_exit", (ctx) => {
  if (ppid() === ${process.pid}) return { pid: pid(), netns: netns() };
});
export const freed = tracepoint("sched:sched_switch", (ctx) => {
  if (ctx.prev_comm === "tsprobe-exit" && ctx.prev_state !== 0n) return { pid: ctx.prev_pid, netns: netns() };
});`;
    let child = 0;
    const { streams, counters } = await collect(source, async () => {
      const { pid } = spawnSync("sh", ["-c", "printf tsprobe-exit > /proc/self/comm; printf tsprobe-exit > /proc/$$/comm"]);
      child = pid;
    });
    const own = statSync("/proc/self/ns/net").ino;
    expect(counters).toEqual([]);
    expect(streams[0]?.find((event) => event.pid === child)).toEqual({ pid: child, netns: own });
    // The last switch away from a dead task comes after exit_task_namespaces.
    expect(streams[1]?.filter((event) => event.pid === child).at(-1)).toEqual({ pid: child, netns: 0 });
  });
});
