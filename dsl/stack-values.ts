import { defineBuiltin } from "./builtin.js";
import { Stack } from "./stack.js";
import { fakeTask } from "./task.js";

/** Most frames of a stack, unless the system allows fewer (sysctl kernel.perf_event_max_stack). */
export const MOST_FRAMES = 127;

/** Names that tests give to addresses, for ksym and usym. */
export const fakeSymbols: Map<bigint, string> = new Map();

/** Different for different names, so that different stacks are different keys. */
function fakeAddress(name: string): bigint {
  let address = 0xcbf29ce484222325n;
  for (const character of name)
    address = BigInt.asUintN(64, (address ^ BigInt(character.codePointAt(0) as number)) * 0x100000001b3n);
  return address;
}

function fakeStack(names: readonly string[], depth: number): Stack {
  const shown = new Map(names.slice(0, depth).map((name) => [fakeAddress(name), name]));
  const find = (address: bigint) => ({ symbol: shown.get(address) as string, offset: 0, module: undefined });
  return Stack.create(names.slice(0, depth).map(fakeAddress), find);
}

function fakeSymbol(address: bigint): string {
  return fakeSymbols.get(address) ?? `0x${BigInt.asUintN(64, address).toString(16)}`;
}

/**
 * The kernel's stack at this place, the innermost function first (bpf_get_stack).
 * @param depth most frames, 1 to 127; a constant
 * @example tracepoint("skb:kfree_skb", () => ({ stack: kstack() }))
 */
export const kstack: (depth?: number) => Stack = defineBuiltin({ name: "kstack" }, (depth = MOST_FRAMES) =>
  fakeStack(fakeTask.kstack, depth),
);

/**
 * The stack of the process that runs, the innermost function first (bpf_get_stack, BPF_F_USER_STACK). The kernel follows frame pointers:
 * programs built without them (-fomit-frame-pointer, most distributions' default) give short or wrong stacks. Empty in kernel threads.
 * @param depth most frames, 1 to 127; a constant
 */
export const ustack: (depth?: number) => Stack = defineBuiltin({ name: "ustack" }, (depth = MOST_FRAMES) =>
  fakeStack(fakeTask.ustack, depth),
);

/**
 * Name of the kernel function or variable at an address (/proc/kallsyms): the address is sent, the name put in by Node.
 * @example ksym(ctx.location)
 */
export const ksym: (address: bigint) => string = defineBuiltin({ name: "ksym" }, (address) => fakeSymbol(address));

/** Name of the function or variable at an address in the process that runs. */
export const usym: (address: bigint) => string = defineBuiltin({ name: "usym" }, (address) => fakeSymbol(address));
