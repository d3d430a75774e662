import { defineBuiltin } from "./builtin.js";
import type { EnumMember, EnumName, EnumNumber } from "./types.js";

/** Enums that tests give: name → (member → value). */
export const fakeEnums: Map<string, Readonly<Record<string, number | bigint>>> = new Map();

function enumOf(name: string, call: string): Readonly<Record<string, number | bigint>> {
  const found = fakeEnums.get(name);
  if (found === undefined)
    throw new ReferenceError(
      `${call}: only handlers in the kernel know its enums; in a test, give it with kernelEnum() of tsprobe/test`,
    );
  return found;
}

/**
 * The name that the running kernel's enum gives a value (from its BTF), the whole name. A value without one becomes its decimal text.
 * The kernel sends the number, the name is put in place in Node.
 * @param enumeration the enum's C tag, or the typedef's name of one that has no tag
 * @example enumName("skb_drop_reason", ctx.reason) // "SKB_DROP_REASON_NO_SOCKET"
 */
export const enumName: <E extends EnumName>(enumeration: E, value: number | bigint) => EnumMember<E> = defineBuiltin(
  { name: "enumName" },
  (enumeration: string, value: number | bigint) => {
    const members = Object.entries(enumOf(enumeration, `enumName("${enumeration}", …)`));
    // biome-ignore lint/suspicious/noDoubleEquals: a bigint and a number of the same value are equal by == only
    return (members.find(([, each]) => each == value)?.[0] ?? String(value)) as never;
  },
);

/**
 * The value that the running kernel's enum gives a name (CO-RE: `bpf_core_enum_value`): a number, or a bigint for an enum of 64 bits.
 * @example if (ctx.reason === enumValue("skb_drop_reason", "SKB_DROP_REASON_NO_SOCKET")) return;
 */
export const enumValue: <E extends EnumName>(enumeration: E, member: EnumMember<E> & string) => EnumNumber<E> = defineBuiltin(
  { name: "enumValue" },
  (enumeration: string, member: string) => {
    const value = enumOf(enumeration, `enumValue("${enumeration}", …)`)[member];
    if (value === undefined)
      throw new ReferenceError(`enumValue("${enumeration}", "${member}"): the test's enum has no such member`);
    return value as never;
  },
);
