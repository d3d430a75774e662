import type { IrModule } from "../ir/nodes.js";
import { visitModule } from "../ir/walk.js";
import { STACK_RECORD } from "../program.js";

/** Name of the C function that kstack() and ustack() call. */
export const stackFunction = "tsp_stack";
/** What it gives for a stack that could not be kept. 0 is the empty stack. */
export const NOT_KEPT = "~0ULL";

/** Most different stacks at a time: with 127 frames these take 17 MB. The host takes out what it has read (runtime/symbols/values.ts). */
const MOST_STACKS = 16_384;
/** Buffers for each CPU: a program, and those that interrupt it. */
const BUFFERS = 4;

/**
 * Maps and function that keep stacks under ids, or "" for programs without stacks. An id is the hash of the stack, so that it
 * is a value like another: 8 bytes in an event or a key, equal for equal stacks. Compared with BPF_MAP_TYPE_STACK_TRACE, whose
 * ids are places in a table of hashes: no stack is refused because another one took its place (there, of 1,000 stacks in
 * 16,384 places some 30 are), and the cost is the same. A new stack goes to the host as a record of its own, before the event with its id.
 */
export function printStacks(module: IrModule): string {
  let most = 0;
  visitModule(
    module,
    () => {},
    (expr) => {
      if (expr.kind !== "builtin" || (expr.call !== "kstack" && expr.call !== "ustack")) return;
      const [depth] = expr.arguments;
      if (depth?.kind === "constant") most = Math.max(most, Number(depth.value));
    },
  );
  return most === 0 ? "" : stackSupport(most);
}

/** The layout of struct tsp_frames is known to runtime/symbols/stack-map.ts. */
function stackSupport(depth: number): string {
  return `// Stacks, by the hash of their frames
struct tsp_frames { __u64 check; __u32 pid; __u32 count; __u64 frames[${depth}]; };
struct {
  __uint(type, 1);
  __uint(max_entries, ${MOST_STACKS});
  __type(key, __u64);
  __type(value, struct tsp_frames);
} tsp_stacks SEC(".maps");
struct tsp_frame_buffer { __u64 users; __u64 record; __u64 id; struct tsp_frames stack; };
struct {
  __uint(type, 6);
  __uint(max_entries, ${BUFFERS});
  __type(key, __u32);
  __type(value, struct tsp_frame_buffer);
} tsp_frames SEC(".maps");

// A buffer of this CPU that nobody else has: programs interrupt each other, and those of uprobes can be preempted.
static __attribute__((noinline)) struct tsp_frame_buffer *tsp_frame_buffer(void) {
  for (__u32 i = 0; i < ${BUFFERS}; i++) {
    __u32 slot = i;
    struct tsp_frame_buffer *buffer = bpf_map_lookup_elem(&tsp_frames, &slot);
    if (!buffer) return 0;
    __sync_fetch_and_add(&buffer->users, 1);
    if (*(volatile __u64 *)&buffer->users == 1) return buffer;
    __sync_fetch_and_add(&buffer->users, -1);
  }
  return 0;
}

static __attribute__((noinline)) __u64 tsp_stack(void *context, __u32 size, __u64 flags) {
  struct tsp_frame_buffer *buffer = tsp_frame_buffer();
  if (!buffer) return ${NOT_KEPT};
  __u64 id = ${NOT_KEPT};
  long bytes = bpf_get_stack(context, buffer->stack.frames, size, flags);
  if (bytes == 0 || bytes == -14 /* EFAULT: there is none */) id = 0;
  else if (bytes > 0) {
    __u32 count = (__u64)bytes / 8;
    if (count > ${depth}) count = ${depth};
    __u32 pid = flags ? bpf_get_current_pid_tgid() >> 32 : 0;
    __u64 hash = ((__u64)pid << 32 | count) * 0x9e3779b97f4a7c15ULL + flags, check = flags;
    for (__u32 i = 0; i < ${depth}; i++) {
      if (i >= count) break;
      __u64 frame = buffer->stack.frames[i];
      hash = (hash ^ frame) * 0xff51afd7ed558ccdULL;
      hash ^= hash >> 32;
      check = (check << 7 | check >> 57) + frame;
    }
    buffer->stack.check = check;
    buffer->stack.pid = pid;
    buffer->stack.count = count;
    hash = hash << 1 >> 1 | 1; // neither 0 nor ${NOT_KEPT}
    struct tsp_frames *known = bpf_map_lookup_elem(&tsp_stacks, &hash);
    if (known) {
      if (known->check == check && known->count == count && known->pid == pid) id = hash;
    } else {
      long result = bpf_map_update_elem(&tsp_stacks, &hash, &buffer->stack, 1 /* BPF_NOEXIST */);
      if (result == 0 || result == -17 /* EEXIST: another CPU was first */) id = hash;
      // The host learns of each new one at once, while its process runs.
      buffer->record = ${STACK_RECORD};
      buffer->id = hash;
      if (result == 0) bpf_ringbuf_output(&tsp_events, &buffer->record, 32 + count * 8, 0);
    }
  }
  __sync_fetch_and_add(&buffer->users, -1);
  return id;
}
`;
}
