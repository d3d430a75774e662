import { refuseDeclaration } from "./declaration-error.js";
import { type DurationUnit, durationNs } from "./duration.js";
import { type CidrSet, cidrSet } from "./networks.js";

/** A set of ports or other 16-bit numbers given on the command line. In the kernel it is a bitmap in .rodata. */
export interface U16Set {
  /** How many numbers are in it; 0 when the flag was not given. */
  readonly size: number;
  has(value: number): boolean;
  values(): readonly number[];
}

/** How the text of a flag becomes its value, where it is not the value itself, or not every text is one. */
export type OptionReading =
  | { readonly kind: "duration"; readonly unit: DurationUnit }
  | { readonly kind: "netns" }
  | { readonly kind: "cgroup" }
  | { readonly kind: "comm" };

export type OptionType = "flag" | "u16" | "u32" | "u64" | "u16Set" | "cidrSet" | "string";

/** Bytes of UTF-8 that a text can have to be used in handlers: there it has a fixed place. */
export const OPTION_TEXT_BYTES = 63;

/** An end of the range of values that an option takes, as messages show it. */
export interface OptionBound {
  readonly value: bigint;
  readonly text: string;
}

/** One option of a script, and the type of its value. */
export interface OptionSpec<T = unknown> {
  readonly type: OptionType;
  /** "-L, --localport <list>" */
  readonly flag: string;
  readonly help: string;
  readonly default: T;
  readonly reading?: OptionReading;
  /** Of numbers and durations: the smallest and the largest value, where the type itself allows more. */
  readonly min?: OptionBound;
  readonly max?: OptionBound;
  /** The default as help shows it, where it is not the value's own text. */
  readonly shownDefault?: string;
}

interface Described {
  /**
   * The flag as help shows it: "-L, --localport <list>"; the long form is required, more of them are synonyms. A word in angle
   * brackets alone, "<ms>", is no flag but an argument: those that are given are taken in order.
   */
  readonly flag: string;
  readonly help: string;
}

/** Values outside of `min` and `max` are refused on the command line, with both in the message. */
interface Bounded<T> {
  readonly min?: T;
  readonly max?: T;
}

/** Builders for `options({ … })`. */
export const opt = {
  /** A switch: false unless given. */
  flag: (spec: Described): OptionSpec<boolean> => ({ type: "flag", ...spec, default: false }),
  /** A number from 0 to 65,535. */
  u16: <const D extends number | undefined = undefined>(
    spec: Described & Bounded<number> & { readonly default?: D },
  ): OptionSpec<D extends number ? number : number | undefined> => integer("u16", spec) as never,
  /** A number from 0 to 4,294,967,295. */
  u32: <const D extends number | undefined = undefined>(
    spec: Described & Bounded<number> & { readonly default?: D },
  ): OptionSpec<D extends number ? number : number | undefined> => integer("u32", spec) as never,
  /** A 64-bit number, as bigint. */
  u64: <const D extends bigint | undefined = undefined>(
    spec: Described & Bounded<bigint> & { readonly default?: D },
  ): OptionSpec<D extends bigint ? bigint : bigint | undefined> => integer("u64", spec) as never,
  /** A list of 16-bit numbers and ranges: "80,443,8000-8010". */
  u16Set: (spec: Described): OptionSpec<U16Set> => ({ type: "u16Set", ...spec, default: EMPTY_SET }),
  /** A list of networks or single addresses: "10.0.0.0/8,192.168.1.7,fe80::/10"; at most 64. */
  cidrSet: (spec: Described): OptionSpec<CidrSet> => ({ type: "cidrSet", ...spec, default: NO_NETWORKS }),
  /** A text. In handlers it can be compared with others; it has at most 63 bytes there. */
  string: <const D extends string | undefined = undefined>(
    spec: Described & { readonly default?: D },
  ): OptionSpec<D extends string ? string : string | undefined> => ({ type: "string", ...spec, default: spec.default as never }),
  /**
   * A time in nanoseconds, as bigint: "1.5ms", "10s", "1h30m", or a plain number, which is in `unit`. What is given to `every` is
   * from "1ms" to "596h".
   * @example opt.duration({ flag: "-i, --interval <s>", help: "seconds between two readings", unit: "s", min: "1ms", max: "596h", default: "1s" })
   */
  duration: <const D extends string | undefined = undefined>({
    unit,
    default: text,
    min,
    max,
    ...spec
  }: Described & Bounded<string> & { readonly unit: DurationUnit; readonly default?: D }): OptionSpec<
    D extends string ? bigint : bigint | undefined
  > => ({
    type: "u64",
    ...spec,
    ...boundsOf({ min, max }, (bound) => declaredDuration(spec.flag, "bound", bound, unit)),
    reading: { kind: "duration", unit },
    default: (text === undefined ? undefined : declaredDuration(spec.flag, "default", text, unit)) as never,
    ...(text === undefined ? {} : { shownDefault: text }),
  }),
  /** A network namespace, as the inode number that `sockAddrs(sk).netns` has: a name of `ip netns`, a path, or the number. */
  netns: (spec: Described): OptionSpec<number | undefined> => ({
    type: "u32",
    ...spec,
    reading: { kind: "netns" },
    default: undefined,
  }),
  /** A cgroup (version 2), as the number that `cgroupId()` has: its path. */
  cgroup: (spec: Described): OptionSpec<bigint | undefined> => ({
    type: "u64",
    ...spec,
    reading: { kind: "cgroup" },
    default: undefined,
  }),
  /** A thread's name, for comparisons with `comm()`: a text of at most 15 bytes, which the kernel keeps; a longer one would match nothing and is refused. */
  comm: (spec: Described): OptionSpec<string | undefined> => ({
    type: "string",
    ...spec,
    reading: { kind: "comm" },
    default: undefined,
  }),
} as const;

function declaredDuration(flag: string, what: string, text: string, unit: DurationUnit): bigint {
  const hint = 'write a time like "1.5ms", "10s" or "1h30m"';
  return durationNs(text, unit) ?? refuseDeclaration(`options(): the ${what} of ${flag}, "${text}", is no duration`, hint);
}

function integer(
  type: OptionType,
  {
    min,
    max,
    default: given,
    ...spec
  }: Described & Bounded<number | bigint> & { readonly default?: number | bigint | undefined },
): OptionSpec {
  return { type, ...spec, ...boundsOf({ min, max }, BigInt), default: given };
}

function boundsOf<T extends number | bigint | string>(
  { min, max }: { readonly min: T | undefined; readonly max: T | undefined },
  read: (bound: T) => bigint,
): Pick<OptionSpec, "min" | "max"> {
  return {
    ...(min === undefined ? {} : { min: { value: read(min), text: String(min) } }),
    ...(max === undefined ? {} : { max: { value: read(max), text: String(max) } }),
  };
}

/** A set from its numbers. */
export function u16Set(values: Iterable<number>): U16Set {
  const set = new Set(values);
  const sorted = Object.freeze([...set].sort((a, b) => a - b));
  return Object.freeze({ size: set.size, has: (value: number) => set.has(value), values: () => sorted });
}

const EMPTY_SET = u16Set([]);
const NO_NETWORKS = cidrSet([]);
