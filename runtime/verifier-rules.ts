import type { FailureClass } from "../diagnostics/diagnostic.js";

/** A known refusal in words for the author of a script. */
export interface VerifierRule {
  readonly code: string;
  readonly failure?: FailureClass;
  /** Matches one line of the kernel's reason. */
  readonly pattern: RegExp;
  readonly message: (match: RegExpExecArray) => string;
  readonly hints: readonly string[];
}

/** For what a script cannot cause: the C that tsprobe printed is wrong. */
const OURS = "this is a mistake of tsprobe, not of the script: please report it with the output of `-v`";

/** The kernel gave up for size, not for one statement. */
export const TOO_COMPLEX = "TSP6107";

const SMALLER = "do less in one handler: shorter loops, fewer nested branches, or several handlers";

/**
 * Most telling first: a reason may have several lines. The wordings are those of kernel/bpf/verifier.c
 * (and check_cfg, check_max_stack_depth in it) from 5.8 on; later kernels only added to them.
 */
export const VERIFIER_RULES: readonly VerifierRule[] = [
  {
    code: "TSP6101",
    pattern: /invalid mem access 'map_value_or_null'|map_value_or_null.*(?:pointer arithmetic|prohibited)/,
    message: () => "this value is undefined when the map has no such key, and it is used without a check",
    hints: ["check it first: `if (value === undefined) return;`, or give a default: `value ?? 0n`"],
  },
  {
    code: "TSP6102",
    pattern: /invalid mem access '(?:ringbuf_mem|alloc_mem|mem|dynptr_mem)_or_null'/,
    message: () => "room in the event buffer is used without a check that there is any",
    hints: [OURS],
  },
  {
    code: "TSP6103",
    pattern: /invalid mem access '(?:\w*ptr_\w*or_null_\w*|\w+_or_null)'|pointer arithmetic on \w+_or_null prohibited/,
    message: () => "this pointer may be null, and it is followed without a check",
    hints: ["follow it with `?.`, or check it first"],
  },
  {
    code: "TSP6104",
    pattern: /combined stack size of (\d+) calls is (\d+)\. Too large/,
    message: ([, calls, bytes]) =>
      `the handler and the functions it calls (${calls} in a row) need ${bytes} bytes of stack, and the kernel gives 512`,
    hints: [
      "keep less in local variables: shorter strings, smaller arrays, fewer fields in objects",
      "keep large values in a map",
    ],
  },
  {
    code: "TSP6104",
    pattern: /(?:invalid (?:write|access) to stack R10 off=-(\d+)|stack (?:depth|limit|size).*exceed)/,
    message: () => "the handler needs more than the 512 bytes of stack that the kernel gives",
    hints: [
      "keep less in local variables: shorter strings, smaller arrays, fewer fields in objects",
      "keep large values in a map",
    ],
  },
  {
    code: "TSP6105",
    pattern: /call stack of (\d+) frames is too deep/,
    message: () => "functions call each other more than eight levels deep",
    hints: ["call fewer functions from one another"],
  },
  {
    code: "TSP6106",
    pattern: /infinite loop detected|back-edge from insn|loop is not bounded/,
    message: () => "the kernel cannot see that this loop ends",
    hints: ["count up to a constant: `for (let i = 0; i < 64; i++)`, and leave early with `break`"],
  },
  {
    code: TOO_COMPLEX,
    pattern: /BPF program is too large\. Processed (\d+) insn/,
    message: () => "the handler is too complex: the kernel gave up after following a million steps through it",
    hints: [SMALLER],
  },
  {
    code: TOO_COMPLEX,
    pattern: /The sequence of (\d+) jumps is too complex/,
    message: ([, jumps]) => `the handler is too complex: the kernel gave up with ${jumps} branches still to follow`,
    hints: [SMALLER],
  },
  {
    code: "TSP6108",
    pattern: /program of this type cannot use helper (\w+)|unknown func (bpf_\w+)/,
    message: ([, newer, older]) => `this kernel does not allow ${newer ?? older}() in a program of this kind`,
    hints: ["use it in a handler of another kind of hook, or do without it"],
  },
  {
    code: "TSP6108",
    pattern: /invalid func unknown#(\d+)/,
    message: ([, number]) => `this kernel does not have the helper function number ${number}: it is too old for it`,
    hints: ["do without it, or run on a newer kernel"],
  },
  {
    code: "TSP6108",
    pattern:
      /helper call is not allowed in probe|helper call might sleep in a non-sleepable|calling kernel function (\w+) is not allowed/,
    message: () => "this kernel does not allow this function in a program of this kind",
    hints: ["use it in a handler of another kind of hook, or do without it"],
  },
  {
    code: "TSP6109",
    pattern: /cannot call GPL[- ]restricted function|GPL-only function/,
    message: () => "the kernel allows this function only to programs under the GPL",
    hints: [OURS],
  },
  {
    code: "TSP6110",
    failure: "kernel",
    // libbpf writes this into the log (fixup_verifier_log) in place of the instruction it could not adapt.
    pattern: /failed to resolve CO-RE relocation <\w+> \[\d+\] (struct|union|enum)\s?([\w ]+?)[.:]+([\w.[\]]+)/,
    message: ([, kind, type, field]) => `${kind} ${type} of this kernel has no ${kind === "enum" ? "value" : "field"} "${field}"`,
    hints: ["see what it has: `bpftool btf dump file /sys/kernel/btf/vmlinux format c`"],
  },
  {
    code: "TSP6110",
    failure: "kernel",
    pattern: /failed to resolve CO-RE relocation <\w+> \[\d+\] (.*?)(?: \(|$)/,
    message: ([, what]) => `this kernel has no ${what}`,
    hints: ["see what it has: `bpftool btf dump file /sys/kernel/btf/vmlinux format c`"],
  },
  {
    code: "TSP6111",
    pattern: /invalid bpf_context access off=(\d+)/,
    message: ([, offset]) => `the data of this hook ends before this field (byte ${offset})`,
    hints: ["the hook has another layout on this kernel than the script was checked against"],
  },
  {
    code: "TSP6112",
    pattern: /write into map forbidden/,
    message: () => "options are constants in the kernel: they cannot be changed by a handler",
    hints: ["keep changing values in a map"],
  },
  {
    code: "TSP6113",
    pattern:
      /unbounded memory access|invalid access to (?:map value|memory|map key)|[Rr]\d+ (?:min|max) value is (?:outside|negative)|unbounded min value|unbounded variable|variable offset .* is not allowed|makes .* pointer be out of bounds|invalid zero-size|invalid (?:variable-offset|indirect|unbounded) .*access to stack/,
    message: () => "this index or length may lie outside of the memory it is used on",
    hints: [
      "compare it with the length right before: `if (i >= 8) return;`; a signed number also with 0: `if (i < 0 || i >= 8) return;`",
      "or cut it to a power of two: `i & 7`",
    ],
  },
  {
    code: "TSP6114",
    pattern: /invalid mem access '(?:scalar|inv)'/,
    message: () => "this is a plain number to the kernel, and it is followed as a pointer",
    hints: ['tell what it points to: `kptr("sock", address)`'],
  },
  {
    code: "TSP6115",
    pattern: /invalid (?:indirect )?read from stack|R\d+ !read_ok/,
    message: () => "a value is read that was never set",
    hints: [OURS],
  },
  {
    code: "TSP6116",
    pattern: /Unreleased reference|would lead to reference leak/,
    message: () => "the handler ends with room reserved in the event buffer that it neither sent nor gave back",
    hints: [OURS],
  },
  {
    code: "TSP6117",
    pattern: /unreachable insn|jump out of range|last insn is not an exit/,
    message: () => "the compiled program is malformed",
    hints: [OURS],
  },
];
