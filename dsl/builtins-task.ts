import { defineBuiltin } from "./builtin.js";
import { fakeTask } from "./task.js";
import type { KernelStruct, u32, u64 } from "./types.js";

/**
 * Process id of the current task (tgid; bpf_get_current_pid_tgid). In a handler that runs in an interrupt this is
 * whatever task was interrupted.
 */
export const pid: () => u32 = defineBuiltin({ name: "pid" }, () => fakeTask.pid);

/** Thread id of the current task (bpf_get_current_pid_tgid). */
export const tid: () => u32 = defineBuiltin({ name: "tid" }, () => fakeTask.tid);

/** Process id of the current task's parent (task_struct.real_parent.tgid). */
export const ppid: () => u32 = defineBuiltin({ name: "ppid" }, () => fakeTask.ppid);

/** User id of the current task, as the initial user namespace numbers it (bpf_get_current_uid_gid). */
export const uid: () => u32 = defineBuiltin({ name: "uid" }, () => fakeTask.uid);

/** Group id of the current task, as the initial user namespace numbers it (bpf_get_current_uid_gid). */
export const gid: () => u32 = defineBuiltin({ name: "gid" }, () => fakeTask.gid);

/** Name of the current thread, at most 15 characters (bpf_get_current_comm). */
export const comm: () => string = defineBuiltin({ name: "comm" }, () => fakeTask.comm.slice(0, 15));

/** Id of the current task's cgroup (version 2): the inode number of its directory in cgroupfs (bpf_get_current_cgroup_id). */
export const cgroupId: () => u64 = defineBuiltin({ name: "cgroupId" }, () => fakeTask.cgroupId);

/**
 * The current task's network namespace: the inode number of `/proc/PID/ns/net` (task_struct.nsproxy.net_ns.ns.inum).
 * 0 for a task that is exiting and has left its namespaces already (nsproxy is null then); no namespace has that number.
 */
export const netns: () => u32 = defineBuiltin({ name: "netns" }, () => fakeTask.netns);

/** Number of the CPU the handler runs on (bpf_get_smp_processor_id). */
export const cpu: () => u32 = defineBuiltin({ name: "cpu" }, () => fakeTask.cpu);

/**
 * The current task's struct task_struct, whose fields can be read (bpf_get_current_task, CO-RE).
 * @example curtask().exit_code
 */
export const curtask: () => KernelStruct<"task_struct"> = defineBuiltin({ name: "curtask" }, () => {
  if (fakeTask.curtask === undefined)
    throw new ReferenceError("curtask(): no task_struct in this test; give one with task({ curtask: { … } }) of tsprobe/test");
  return fakeTask.curtask as never;
});

/**
 * Whether the handler runs in an interrupt (hard, soft, or one that cannot be masked), so that the current task is only the one
 * that was interrupted: `pid()`, `comm()` and the like then tell nothing about the event. Softirqs that a system call runs on
 * its way out are interrupts too. Code that has merely disabled them (local_bh_disable) is none. Read from the CPU's
 * preempt_count (include/linux/preempt.h). Where the kernel does not tell it is true, so that nobody gets a name that is not sure.
 * Breakpoints count as interrupts that cannot be masked: in a `kprobe` inside a function it is true.
 * @example const who = inInterrupt() ? 0 : pid();
 */
export const inInterrupt: () => boolean = defineBuiltin({ name: "inInterrupt" }, () => fakeTask.inInterrupt);

/**
 * Whether the current task passes the flags `--pid`, `--comm`, `--uid`, `--cgroup`, `--netns` and `--command`. Handlers see no other
 * tasks anyway, unless the script asks this: then none of its handlers is filtered by itself. For scripts whose start has the right
 * task and whose end does not, as in an interrupt.
 * @example tracepoint("sock:inet_sock_set_state", (ctx) => { if (ctx.newstate === TCP_SYN_SENT && isWantedTask()) since.set(ctx.skaddr, ktimeNs()); });
 */
export const isWantedTask: () => boolean = defineBuiltin({ name: "isWantedTask" }, () => true);

/** A random number of 32 bits, not for secrets (bpf_get_prandom_u32). For sampling: `if (random() % 100 !== 0) return;` */
export const random: () => u32 = defineBuiltin({ name: "random" }, () => fakeTask.random ?? Math.floor(Math.random() * 2 ** 32));
