import { defineBuiltin } from "./builtin.js";
import { addressesOfStructs } from "./fake-structs.js";
import { fakeKernelMemory } from "./memory.js";
import type { ScalarTypes } from "./types.js";

declare const asked: unique symbol;
/** What `exists` makes of an object. The mark keeps the type checker from ruling out that the member is missing. */
export type Having<S, M extends string> = S & {
  // biome-ignore lint/suspicious/noExplicitAny: the type of a member that this kernel lacks is not known here
  readonly [K in M]: K extends keyof S ? S[K] : any;
} & { readonly [asked]: true };

/**
 * Whether the running kernel's struct has a member (CO-RE: `bpf_core_field_exists`): for members that come and go between kernels.
 * Decided when the program is loaded; what stands under a test that is false is never run, and may read the member all the same.
 * @param object a struct, or a struct within one
 * @param member a literal text
 * @example
 * const task = curtask();
 * const state = exists(task, "__state") ? task.__state : exists(task, "state") ? task.state : 0;
 */
export const exists: <S extends object, const M extends string>(object: S, member: M) => object is Having<S, M> = defineBuiltin(
  { name: "exists" },
  (object: object, member: string) => member in object,
) as never;

/**
 * The address of a kernel struct, or of a struct or array within one: to send it in an event, to use it as a map's key, to compute with it.
 * @returns 0n for null
 * @example seen.set(addressOf(sk), ktimeNs())
 */
export const addressOf: (object: object | null) => bigint = defineBuiltin({ name: "addressOf" }, (object: object | null) => {
  if (object === null) return 0n;
  const address = addressesOfStructs.get(object);
  if (address === undefined)
    throw new ReferenceError(
      "addressOf(…): this object has no address in this test; give it one with kernelMemory() of tsprobe/test",
    );
  return address;
});

export type IntegerName = "u8" | "u16" | "u32" | "u64" | "s8" | "s16" | "s32" | "s64";

/**
 * The integer at a kernel address (bpf_probe_read_kernel), in the machine's byte order. Memory that cannot be read ends this run
 * of the handler; that is counted and shown.
 * @example kread("u16", skb.head + 2n)
 */
export const kread: <T extends IntegerName>(type: T, address: bigint) => ScalarTypes[T] = defineBuiltin(
  { name: "kread" },
  (type: IntegerName, address: bigint) => {
    const size = Number(type.slice(1)) / 8;
    const found = fakeKernelMemory.read(address, size);
    if (found === undefined)
      throw new ReferenceError(
        `kread("${type}", ${address}): no such memory in this test; give it with putKernelMemory() of tsprobe/test`,
      );
    const view = new DataView(new ArrayBuffer(8));
    for (const [i, byte] of found.entries()) view.setUint8(i, byte);
    const [unsigned, signed] = [view.getBigUint64(0, true), BigInt.asIntN(size * 8, view.getBigUint64(0, true))];
    const value = type.startsWith("u") ? unsigned : signed;
    return (size === 8 ? value : Number(value)) as never;
  },
);
