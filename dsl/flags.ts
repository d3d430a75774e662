import { defineBuiltin } from "./builtin.js";

/** Names of bits, or of groups of bits. */
export type FlagNames = Readonly<Record<string, number | bigint>>;

/**
 * A value's set bits by name, "SYN|ACK"; bits without a name in hexadecimal at the end. A name of several bits counts when all
 * of them are set and none was named before. 0 is the name that stands for 0, or "0". A negative number is one of 32 bits.
 */
export function formatFlags(value: number | bigint, names: FlagNames): string {
  const given = BigInt(value);
  let rest = given < 0n ? BigInt.asUintN(given >= -(2n ** 31n) ? 32 : 64, given) : given;
  const found: string[] = [];
  for (const [name, bits] of Object.entries(names)) {
    const mask = BigInt.asUintN(64, BigInt(bits));
    if (mask === 0n ? given === 0n : (rest & mask) === mask) {
      found.push(name);
      rest &= ~mask;
    }
  }
  if (rest !== 0n || found.length === 0) found.push(rest === 0n ? "0" : `0x${rest.toString(16)}`);
  return found.join("|");
}

/**
 * Shows the set bits of a value by name. The kernel sends the number, the names are put in place in Node.
 * @param names name → bit, in the order in which they are shown
 * @returns such as "SYN|ACK"; bits without a name as hexadecimal, "0" when none is set
 * @example flags(ctx.flags, { READ: 1, WRITE: 2, SYNC: 0x800 })
 */
export const flags: (value: number | bigint, names: FlagNames) => string = defineBuiltin({ name: "flags" }, formatFlags);

/** A function that shows one fixed set of flags, as `tcpFlags` does. */
export function flagNames(names: FlagNames): (value: number | bigint) => string {
  const frozen = Object.freeze({ ...names });
  return defineBuiltin({ name: "flags", flags: frozen }, (value: number | bigint) => formatFlags(value, frozen));
}
