/**
 * For unit tests of scripts, without root and without a kernel: import the script, call `probe.handler(fixture)`.
 * @example
 * import { fixture, task } from "tsprobe/test";
 * task({ pid: 7, comm: "curl", ktimeNs: 5_000n });
 * const e = states.handler(fixture("sock:inet_sock_set_state", { protocol: 6, sport: 80 }));
 */

import { addressesOfStructs, fakeStructs } from "../fake-structs.js";
import { fakeEnums } from "../kernel-enums.js";
import { fakeKernelMemory, fakeUserMemory } from "../memory.js";
import { beginScript } from "../script.js";
import { fakeSymbols } from "../stack-values.js";
import { type FakeTask, fakeTask } from "../task.js";
import type {
  EnumName,
  FexitContext,
  FunctionName,
  KernelStruct,
  KernelStructName,
  RawTracepointContext,
  RawTracepointName,
  TracepointContext,
  TracepointName,
} from "../types.js";

/** Sets the clock and the current task that handlers see from here on. */
export function task(values: Partial<FakeTask>): void {
  Object.assign(fakeTask, values);
}

/**
 * Sets the command-line flags that the next script sees: call it before importing the script.
 * @example flags(["-L", "80,443"]); const { states } = await import("./tcpstates.js");
 */
export function flags(argv: readonly string[]): void {
  beginScript(argv);
}

/** A tracepoint's context with only the fields a test cares about; reading another one is an error that names it. */
export function fixture<N extends TracepointName>(name: N, fields: Partial<TracepointContext<N>>): TracepointContext<N> {
  return strict(`the fixture of ${String(name)}`, fields as object) as TracepointContext<N>;
}

/** Arguments of a kernel function for a handler, with only those a test cares about; reading another one is an error that names it. */
export function args<N extends FunctionName>(name: N, given: Partial<FexitContext<N>>): FexitContext<N> {
  return strict(`the test's ${String(name)}`, given as object) as FexitContext<N>;
}

/** The same of a raw tracepoint. */
export function rawArgs<N extends RawTracepointName>(name: N, given: Partial<RawTracepointContext<N>>): RawTracepointContext<N> {
  return strict(`the test's ${String(name)}`, given as object) as RawTracepointContext<N>;
}

/** Puts a struct at an address, for `kptr`. A member left out is one that this kernel lacks (`exists`). */
export function kernelMemory<N extends KernelStructName>(
  struct: N,
  address: bigint,
  fields: Partial<KernelStruct<N>>,
): KernelStruct<N> {
  const made = strict(`struct ${String(struct)}`, fields as object);
  fakeStructs.set(`${String(struct)}@${address}`, made);
  addressesOfStructs.set(made, address);
  return made as KernelStruct<N>;
}

/** Gives an enum's values, for `enumName` and `enumValue`. */
export function kernelEnum(name: EnumName, values: Readonly<Record<string, number | bigint>>): void {
  fakeEnums.set(String(name), values);
}

/** Names an address, for `ksym` and `usym`. */
export function symbol(address: bigint, name: string): void {
  fakeSymbols.set(address, name);
}

/**
 * Puts bytes, or a text and its NUL, at a kernel address, for `str`, `bytes` and `kread`.
 * @example putKernelMemory(0xffff_0000n, "eth0")
 */
export function putKernelMemory(address: bigint, data: string | Iterable<number>): void {
  fakeKernelMemory.put(address, data);
}

/** Puts bytes, or a text and its NUL, at an address of the current process, for `userStr` and `userBytes`. */
export function putUserMemory(address: bigint, data: string | Iterable<number>): void {
  fakeUserMemory.put(address, data);
}

function strict(what: string, fields: object): object {
  return new Proxy(fields, {
    get(target, key) {
      if (typeof key === "string" && !(key in target)) throw new ReferenceError(`${what} has no ${key}: add it to the test`);
      return Reflect.get(target, key);
    },
  });
}
