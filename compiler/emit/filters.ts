import type { Span } from "../../diagnostics/span.js";
import { FAMILY_MAP, hasFilters, type TaskFilters } from "../filters.js";
import type { OptionSlot, ProgramProbe } from "../program.js";

/** What filters add to a program: C, the values of its constants, programs of its own. */
export interface PrintedFilters {
  /** Before the handlers: constants, maps and `tsp_passes`. */
  readonly declarations: string;
  /** At the beginning of each handler. */
  readonly check: string | undefined;
  /** The same in handlers of sched_process_exec, whichever program there the kernel runs first. */
  readonly checkAtExec: string | undefined;
  readonly slots: readonly OptionSlot[];
  /** After the handlers: programs that follow a process's descendants. */
  readonly programs: string;
  readonly probes: readonly ProgramProbe[];
}

const NOTHING: PrintedFilters = {
  declarations: "",
  check: undefined,
  checkAtExec: undefined,
  slots: [],
  programs: "",
  probes: [],
};

/**
 * Structs of the kernel that filters read. libbpf leaves out what follows three underscores when it looks for the kernel's
 * own, so they cannot collide with those of the handlers.
 */
const STRUCTS = `#define KERNEL __attribute__((preserve_access_index))
struct ns_common___tsp { __u32 inum; } KERNEL;
struct net___tsp { struct ns_common___tsp ns; } KERNEL;
struct nsproxy___tsp { struct net___tsp *net_ns; } KERNEL;
struct signal_struct___tsp { struct { int counter; } live; } KERNEL;
struct task_struct___tsp { __s32 tgid; struct nsproxy___tsp *nsproxy; struct signal_struct___tsp *signal; } KERNEL;
#define READ(to, from) bpf_probe_read_kernel(&(to), sizeof(to), &(from))`;

interface Test {
  readonly lines: readonly string[];
  readonly variables: readonly { readonly type: string; readonly name: string; readonly bytes: Uint8Array }[];
}

function littleEndian(value: bigint, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
}

function number(name: string, value: number | bigint, size: 4 | 8) {
  return { type: size === 4 ? "__u32" : "__u64", name, bytes: littleEndian(BigInt(value), size) };
}

function testsOf(filters: TaskFilters): Test[] {
  const tests: Test[] = [];
  const { pid, uid, comm, cgroup, netns, family } = filters;
  if (pid !== undefined)
    tests.push({
      lines: ["if ((__u32)(bpf_get_current_pid_tgid() >> 32) != tsp_filter_pid) return 0;"],
      variables: [number("tsp_filter_pid", pid, 4)],
    });
  if (family === true)
    tests.push({
      lines: [
        "__u32 tgid = bpf_get_current_pid_tgid() >> 32;",
        `__u8 *runs = bpf_map_lookup_elem(&${FAMILY_MAP}, &tgid);`,
        "if (!runs || !*runs) return 0;",
      ],
      variables: [],
    });
  if (uid !== undefined)
    tests.push({
      lines: ["if ((__u32)bpf_get_current_uid_gid() != tsp_filter_uid) return 0;"],
      variables: [number("tsp_filter_uid", uid, 4)],
    });
  if (cgroup !== undefined)
    tests.push({
      lines: ["if (bpf_get_current_ancestor_cgroup_id(tsp_filter_level) != tsp_filter_cgroup) return 0;"],
      variables: [number("tsp_filter_cgroup", cgroup.id, 8), number("tsp_filter_level", cgroup.level, 4)],
    });
  if (comm !== undefined) {
    const bytes = Buffer.alloc(16);
    bytes.write(comm, 0, 15, "utf8");
    tests.push({
      lines: [
        "__u64 comm[2] = {};",
        "bpf_get_current_comm(comm, sizeof(comm));",
        "if (comm[0] != tsp_filter_comm || comm[1] != tsp_filter_comm_rest) return 0;",
      ],
      variables: [
        number("tsp_filter_comm", bytes.readBigUInt64LE(0), 8),
        number("tsp_filter_comm_rest", bytes.readBigUInt64LE(8), 8),
      ],
    });
  }
  if (netns !== undefined)
    tests.push({
      lines: [
        "struct task_struct___tsp *task = (void *)bpf_get_current_task();",
        "struct nsproxy___tsp *nsproxy = 0;",
        "struct net___tsp *net = 0;",
        "__u32 inum = 0;",
        "if (READ(nsproxy, task->nsproxy) || READ(net, nsproxy->net_ns) || READ(inum, net->ns.inum)) return 0;",
        "if (inum != tsp_filter_netns) return 0;",
      ],
      variables: [number("tsp_filter_netns", netns, 4)],
    });
  return tests;
}

/** The most processes a kernel can have (PID_MAX_LIMIT, include/linux/threads.h): the map cannot be full. */
const MOST_PROCESSES = 4_194_304;

/** BPF_MAP_TYPE_HASH with BPF_F_NO_PREALLOC. */
const FAMILY = `// The command's processes
struct {
  __uint(type, 1);
  __uint(max_entries, ${MOST_PROCESSES});
  __uint(map_flags, 1);
  __type(key, __u32);
  __type(value, __u8);
} ${FAMILY_MAP} SEC(".maps");`;

/** To be called at an execve: what follows it is the command's. */
const BEGINS = `INLINE void tsp_begins(void) {
  __u32 process = bpf_get_current_pid_tgid() >> 32;
  __u8 *runs = bpf_map_lookup_elem(&${FAMILY_MAP}, &process);
  if (runs) *runs = 1;
}`;

/**
 * Arguments of sched_process_fork: parent and child; of sched_process_exec and sched_process_exit: the task. The process is over when its last thread
 * is: do_exit() counts signal->live down before the tracepoint.
 */
const FOLLOW = `// Follows the command's descendants
SEC("raw_tp/sched_process_fork")
int tsp_fork(__u64 *arguments) {
  __u32 parent = bpf_get_current_pid_tgid() >> 32;
  if (!bpf_map_lookup_elem(&${FAMILY_MAP}, &parent)) return 0;
  struct task_struct___tsp *task = (void *)arguments[1];
  __u32 child = 0;
  __u8 one = 1;
  if (!READ(child, task->tgid)) bpf_map_update_elem(&${FAMILY_MAP}, &child, &one, 0);
  return 0;
}

SEC("raw_tp/sched_process_exec")
int tsp_exec(__u64 *arguments) {
  tsp_begins();
  return 0;
}

SEC("raw_tp/sched_process_exit")
int tsp_exit(__u64 *arguments) {
  __u32 process = bpf_get_current_pid_tgid() >> 32;
  struct task_struct___tsp *task = (void *)arguments[0];
  struct signal_struct___tsp *signal = 0;
  int live = 1;
  if (!READ(signal, task->signal) && !READ(live, signal->live.counter) && live == 0) bpf_map_delete_elem(&${FAMILY_MAP}, &process);
  return 0;
}`;

function follower(event: string, functionName: string, span: Span): ProgramProbe {
  return Object.freeze({
    functionName,
    name: `--command (${event})`,
    attach: Object.freeze({ kind: "rawTracepoint" as const, name: event }),
    title: event,
    span,
    internal: true,
  });
}

const CHECK = "if (!tsp_passes()) return 0;";

/** What a script that asks for the filters itself gets when none was given. */
const ALL_PASS = "INLINE _Bool tsp_passes(void) { return 1; }";

/**
 * @param span of the first hook: where a refusal of the filter's own programs is told
 * @param byHand the handlers ask for themselves (isWantedTask), so nothing stands at their beginning
 */
export function printFilters(filters: TaskFilters, span: Span | undefined, byHand = false): PrintedFilters {
  if (!hasFilters(filters) || span === undefined) return byHand ? { ...NOTHING, declarations: ALL_PASS } : NOTHING;
  const tests = testsOf(filters);
  const variables = tests.flatMap((test) => test.variables);
  const family = filters.family === true;
  const structs = family || filters.netns !== undefined;
  return {
    declarations: [
      ...(structs ? [STRUCTS] : []),
      "// Which tasks are seen",
      ...variables.map(({ type, name }) => `const volatile ${type} ${name};`),
      ...(family ? [FAMILY, BEGINS] : []),
      "INLINE _Bool tsp_passes(void) {",
      ...tests.flatMap(({ lines }) => lines.map((line) => `  ${line}`)),
      "  return 1;",
      "}",
    ].join("\n"),
    check: byHand ? undefined : CHECK,
    checkAtExec: byHand ? undefined : family ? `tsp_begins(); ${CHECK}` : CHECK,
    slots: variables.map(({ name, bytes }) => ({ variable: name, bytes })),
    programs: family ? FOLLOW : "",
    probes: family ? ["fork", "exec", "exit"].map((event) => follower(`sched_process_${event}`, `tsp_${event}`, span)) : [],
  };
}
