import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { collect } from "./harness/collect.js";
test("x", async () => {
  const src = `
import { curtask, tracepoint, exists, addressOf, kread, enumName, enumValue, flags, pid, kptr } from "tsprobe";
const F = { WRITE: 1, RDWR: 2, CREAT: 64 };
export const seen = tracepoint("syscalls:sys_enter_getpgid", (ctx) => {
  if (pid() !== ${process.pid}) return;
  const task = curtask();
  const i = Number(ctx.pid) & 0xff;
  return { tgid: task.tgid, comm: task.comm, start: task.start_time, utime: task.utime, in_execve: task.in_execve,
    sched: task.sched_reset_on_fork, real: task.real_parent?.pid, group: task.group_leader?.tgid, addr: addressOf(task), 
    tid2: kread("s32", addressOf(task) + 0n) === 0, has: exists(task, "__state"), no: exists(task, "__stat"),
    state: exists(task, "stat") ? task.stat : exists(task, "__state") ? task.__state : 77,
    en: enumName("pid_type", 1), en2: enumName("pid_type", 99), ev: enumValue("pid_type", "PIDTYPE_SID"), fl: flags(67, F), fl2: flags(8n, { A: 1n }),
    pers: kptr("task_struct", task).personality,
    sigs: task.pending.signal.sig[0], rl: task.signal?.rlim[7].rlim_cur, rlv: task.signal?.rlim[i].rlim_max,
    fs: task.fs?.umask, mm: task.mm?.pgd?.pgd, oncpu: task.on_cpu, cred: task.cred?.uid.val, cap: task.cred?.cap_effective.val, pids: task.signal?.pids[i]?.numbers[0].nr,
  };
});`;
  const { streams, counters } = await collect(src, async () => {
    const ffi = await import("../fixtures/bpf/tracing.js");
    ffi.getpgid(7);
    ffi.getpgid(2);
    ffi.getpgid(200);
  });
  console.log(streams[0], counters.map((c) => [c.site.reason, c.site.subject, c.count]), readFileSync("/proc/self/limits", "utf8"));
  expect(1).toBe(1);
});
