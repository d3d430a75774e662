import { type FormatName, formats } from "../runtime/output/output.js";
import type { CommandName } from "./flags-commands.js";
import { readChoice, readCount, readDuration, readPath, readRingSize, type ValueReader } from "./flags-values.js";
import { type ColorMode, colorModes } from "./style.js";

/** Values of tsprobe's own flags, as given or by default. */
export interface OwnFlags {
  /** Stop after so many milliseconds. */
  readonly for: number | undefined;
  /** Stop after so many events. */
  readonly events: number | undefined;
  /** The script may choose another one than "table" when it is not given. */
  readonly format: FormatName | undefined;
  readonly header: boolean;
  readonly check: boolean;
  /** Bytes, a power of two. */
  readonly ringSize: number | undefined;
  /** The clang to use. */
  readonly clang: string | undefined;
  readonly color: ColorMode;
  readonly verbose: boolean;
  readonly quiet: boolean;
  readonly help: boolean;
  readonly version: boolean;
  readonly json: boolean;
}

export type FlagGroup = "Stop" | "Output" | "Kernel and compiler" | "General";

/** One flag: all that parser, help and completion need to know. */
export interface FlagSpec<T = unknown> {
  readonly long: `--${string}`;
  readonly short?: `-${string}`;
  /** Name of its value in help; a flag without is a switch. */
  readonly value?: string;
  /** What a value may be, when it is one of a few words. */
  readonly choices?: readonly string[];
  readonly help: string;
  readonly group: FlagGroup;
  /** Commands that take it. */
  readonly commands: readonly CommandName[];
  readonly default: T;
  /** What help says of the default, where the script may choose it. */
  readonly shownDefault?: string;
  /** The value a switch sets, or the reader of a value. */
  readonly set: { readonly to: T } | { readonly by: ValueReader<T> };
}

/** All flags. The type demands an entry for each member of OwnFlags, of that member's type. */
export const flagTable: { readonly [K in keyof OwnFlags]: FlagSpec<OwnFlags[K]> } = {
  for: {
    long: "--for",
    value: "<duration>",
    help: "stop after this time: 10s, 500ms, 2m, 1h30m; a plain number is seconds",
    group: "Stop",
    commands: ["run"],
    default: undefined,
    set: { by: readDuration },
  },
  events: {
    long: "--events",
    value: "<n>",
    help: "stop after this many events: rows that are written or handed to callbacks",
    group: "Stop",
    commands: ["run"],
    default: undefined,
    set: { by: readCount },
  },
  format: {
    long: "--format",
    value: "<format>",
    choices: formats.map(({ name }) => name),
    help: formats.map(({ name, help }) => `${name}: ${help}`).join("; "),
    group: "Output",
    commands: ["run"],
    default: undefined,
    shownDefault: "table",
    set: { by: readChoice(formats.map(({ name }) => name)) },
  },
  header: {
    long: "--no-header",
    help: "leave out the heading of tables and CSV",
    group: "Output",
    commands: ["run"],
    default: true,
    set: { to: false },
  },
  ringSize: {
    long: "--ring-size",
    value: "<bytes>",
    help: "buffer for events on their way from the kernel: 256K, 4M …, a power of two",
    group: "Kernel and compiler",
    commands: ["run"],
    default: undefined,
    set: { by: readRingSize },
  },
  clang: {
    long: "--clang",
    value: "<which>",
    help: "native (this machine's clang), embedded (tsprobe's own) or a path; else native if there is one",
    group: "Kernel and compiler",
    commands: ["run", "check"],
    default: undefined,
    set: { by: readPath },
  },
  check: {
    long: "--no-check",
    help: "leave out the type check of the script",
    group: "Kernel and compiler",
    commands: ["run"],
    default: true,
    set: { to: false },
  },
  verbose: {
    long: "--verbose",
    short: "-v",
    help: "say what is done and how long it takes; show whole compiler and verifier logs",
    group: "General",
    commands: ["run", "check", "show"],
    default: false,
    set: { to: true },
  },
  quiet: {
    long: "--quiet",
    short: "-q",
    help: "no summary and no notes on standard error, errors only",
    group: "General",
    commands: ["run", "check", "show"],
    default: false,
    set: { to: true },
  },
  json: {
    long: "--json",
    help: "one JSON object instead of text",
    group: "Output",
    commands: ["doctor"],
    default: false,
    set: { to: true },
  },
  color: {
    long: "--color",
    value: "<when>",
    choices: colorModes,
    help: "colours in messages (NO_COLOR and FORCE_COLOR are heeded)",
    group: "General",
    commands: ["run", "check", "show", "doctor", "help"],
    default: "auto",
    set: { by: readChoice(colorModes) },
  },
  help: {
    long: "--help",
    short: "-h",
    help: "show help; after a script's path, the script's own flags",
    group: "General",
    commands: ["run", "check", "show", "types", "doctor", "help"],
    default: false,
    set: { to: true },
  },
  version: {
    long: "--version",
    help: "show the version",
    group: "General",
    commands: ["help"],
    default: false,
    set: { to: true },
  },
};

/** A flag with its key in OwnFlags. */
export interface NamedFlag extends FlagSpec {
  readonly key: keyof OwnFlags;
}

export const allFlags: readonly NamedFlag[] = Object.entries(flagTable).map(([key, spec]) => ({
  ...(spec as FlagSpec),
  key: key as keyof OwnFlags,
}));

const byName: ReadonlyMap<string, NamedFlag> = new Map(
  allFlags.flatMap((flag) => [[flag.long, flag] as const, ...(flag.short === undefined ? [] : [[flag.short, flag] as const])]),
);

/** The own flag of a name such as "--for" or "-v". A script's flag of the same name can only be given after `--`. */
export function ownFlag(name: string): NamedFlag | undefined {
  return byName.get(name);
}

export const defaultFlags = Object.fromEntries(allFlags.map((flag) => [flag.key, flag.default])) as unknown as OwnFlags;
