import { spawnSync } from "node:child_process";
import { type AddressInfo, connect, createServer } from "node:net";
import { expect, test } from "vitest";
import { collect } from "./harness/collect.js";
import { describeWhere, requireFile, requireRoot } from "./harness/requirements.js";

const needs = [requireRoot, requireFile("/sys/kernel/btf/vmlinux")];
/** getppid, which Node calls each time process.ppid is read. */
const GETPPID = process.arch === "x64" ? 110 : 173;
const CALLS = 1_000;

describeWhere(needs, "raw tracepoints", () => {
  test("sched_process_exec and sched_process_exit tell of our children", async () => {
    const script = `import { rawTracepoint } from "tsprobe";
const SELF = ${process.pid};
export const started = rawTracepoint("sched_process_exec", ({ p, old_pid, bprm }) => {
  if (p.real_parent?.tgid !== SELF) return;
  return { pid: p.tgid, comm: p.comm, old_pid, argc: bprm.argc };
});
export const ended = rawTracepoint("sched_process_exit", ({ p }) => {
  if (p.real_parent?.tgid !== SELF) return;
  return { pid: p.tgid, comm: p.comm, code: p.exit_code >> 8 };
});`;
    const children: { pid: number; code: number | null }[] = [];
    const { streams, counters } = await collect(script, async () => {
      for (const code of [0, 3, 7]) {
        const { pid, status } = spawnSync("sh", ["-c", `exit ${code}`, "a", "b"]);
        children.push({ pid, code: status });
      }
    });
    expect(counters).toEqual([]);
    expect(children.map(({ code }) => code)).toEqual([0, 3, 7]);
    const [started, ended] = streams;
    expect(started).toEqual(children.map(({ pid }) => ({ pid, comm: "sh", old_pid: pid, argc: 5 })));
    expect(ended).toEqual(children.map(({ pid, code }) => ({ pid, comm: "sh", code })));
  });

  test("sys_enter and sys_exit give every call, its number, its registers and its result", async () => {
    const script = `import { count, pid, rawTracepoint } from "tsprobe";
const SELF = ${process.pid};
export const entered = rawTracepoint("sys_enter", ({ id, regs }) => {
  if (pid() === SELF && id === ${GETPPID}n) return { id, number: regs.${process.arch === "x64" ? "orig_ax" : "syscallno"} };
});
export const left = rawTracepoint("sys_exit", ({ regs, ret }) => {
  if (pid() === SELF && regs.${process.arch === "x64" ? "orig_ax === 110n" : "syscallno === 173"}) return { ret };
});`;
    const parents = new Set<number>();
    const { streams, counters } = await collect(script, async () => {
      for (let i = 0; i < CALLS; i++) parents.add(process.ppid);
    });
    expect(counters).toEqual([]);
    const [entered, left] = streams;
    const number = process.arch === "x64" ? BigInt(GETPPID) : GETPPID;
    expect(entered).toEqual(Array.from({ length: CALLS }, () => ({ id: BigInt(GETPPID), number })));
    expect(left).toHaveLength(CALLS);
    expect(new Set(left?.map(({ ret }) => Number(ret)))).toEqual(parents);
  });

  test("inet_sock_set_state has the arguments that the tracepoint's record is made of", async () => {
    const server = createServer((socket) => socket.end());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const script = `import { kptr, rawTracepoint, tracepoint } from "tsprobe";
const PORT = ${port};
const SWAPPED = ${((port & 0xff) << 8) | (port >> 8)};
export const raw = rawTracepoint("inet_sock_set_state", ({ sk, oldstate, newstate }) => {
  if (sk.__sk_common.skc_dport !== SWAPPED) return;
  return { oldstate, newstate, sport: sk.__sk_common.skc_num, mark: sk.sk_mark, protocol: sk.sk_protocol };
});
export const record = tracepoint("sock:inet_sock_set_state", (ctx) => {
  if (ctx.dport !== PORT) return;
  const sk = kptr("sock", ctx.skaddr);
  return { oldstate: ctx.oldstate, newstate: ctx.newstate, sport: sk.__sk_common.skc_num, mark: sk.sk_mark, protocol: ctx.protocol };
});`;
    try {
      const { streams, counters } = await collect(script, async () => {
        await new Promise<void>((resolve, reject) => {
          const client = connect(port, "127.0.0.1");
          client.on("close", () => setTimeout(resolve, 50));
          client.on("error", reject);
          client.resume();
        });
      });
      expect(counters).toEqual([]);
      const [raw, record] = streams;
      expect(raw?.length).toBeGreaterThanOrEqual(4);
      expect(raw).toEqual(record);
      expect(raw?.[0]).toMatchObject({ oldstate: 7, newstate: 2, protocol: 6 });
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  test("sched_process_fork: two tasks of one event", async () => {
    const script = `import { rawTracepoint } from "tsprobe";
export const seen = rawTracepoint("sched_process_fork", ({ parent, child }) => (parent.tgid === ${process.pid} ? { child: child.pid } : undefined));`;
    let pid = 0;
    const { streams } = await collect(script, async () => {
      pid = spawnSync("true").pid;
    });
    expect(streams[0]).toContainEqual({ child: pid });
  });
});
