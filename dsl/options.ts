import { parseArgs } from "node:util";
import { DiagnosticError } from "../diagnostics/diagnostic.js";
import { refuseDeclaration } from "./declaration-error.js";
import { FILTER_FLAGS } from "./filter-flags.js";
import type { OptionSpec } from "./opt.js";
import { isPossibleValue, parseOptionValue, refuseMissingValue } from "./option-values.js";
import { declaringScript, type Script } from "./script.js";

/** One option as the compiler and the help text see it. */
export interface DeclaredOption {
  /** The script's name for it. */
  readonly name: string;
  readonly spec: OptionSpec;
  /** Of an argument without a flag: the word in its angle brackets. */
  readonly long: string;
  /** Further long names. */
  readonly synonyms: readonly string[];
  readonly short: string | undefined;
  /** An argument without a flag. */
  readonly positional: boolean;
  /** Whether the flag was given. */
  readonly given: boolean;
  readonly value: unknown;
}

export interface OptionsDeclaration {
  readonly options: readonly DeclaredOption[];
}

const declarations = new WeakMap<object, OptionsDeclaration>();

/** The declaration behind an object made by `options`. */
export function optionsOf(value: unknown): OptionsDeclaration | undefined {
  return typeof value === "object" && value !== null ? declarations.get(value) : undefined;
}

export type OptionValues<S> = { readonly [K in keyof S]: S[K] extends OptionSpec<infer T> ? T : never };

/**
 * Declares the script's own command-line options: they show in `tsprobe run script.ts --help`, and handlers
 * can use their values (load-time constants: one compiled object serves every value).
 * @example
 * export const opts = options({ localPort: opt.u16Set({ flag: "-L, --localport <list>", help: "only these local ports" }) });
 */
export function options<const S extends Readonly<Record<string, OptionSpec>>>(specs: S): OptionValues<S> {
  const script = declaringScript();
  const named = Object.entries(specs).map(([name, spec]) => ({ name, spec, ...parseFlag(name, spec) }));
  const before = script.options.flatMap((declaration) => declaration.options);
  const texts = readArguments(script.argv, named, before);
  refuseRepeated([...before, ...named]);
  const declared = named.map((option): DeclaredOption => {
    const given = texts.get(option.long);
    const value = given === undefined ? option.spec.default : parseOptionValue(option.spec, nameOf(option), given);
    return Object.freeze({ ...option, given: given !== undefined, value });
  });
  const values = Object.freeze(Object.fromEntries(declared.map(({ name, value }) => [name, value])));
  const declaration = Object.freeze({ options: Object.freeze(declared) });
  declarations.set(values, declaration);
  script.options.push(declaration);
  return values as OptionValues<S>;
}

/** What messages call an option. */
function nameOf({ long, positional }: Named): string {
  return positional ? `<${long}>` : `--${long}`;
}

function parseFlag(name: string, spec: OptionSpec): Pick<DeclaredOption, "long" | "synonyms" | "short" | "positional"> {
  const word = /^<([a-z0-9][a-z0-9-]*)>$/.exec(spec.flag);
  const match = /^(?:-([A-Za-z0-9]), )?((?:--[a-z0-9][a-z0-9-]*(?:, )?)+)( <[^>]+>)?$/.exec(spec.flag);
  const example = spec.type === "flag" ? '"-a, --all" or "--all"' : '"-L, --localport <list>", "--localport <list>" or "<list>"';
  const hint = `write it like ${example}`;
  if (match === null && (word === null || spec.type === "flag"))
    refuseDeclaration(`options(): the flag of ${name} is not written as flags are: "${spec.flag}"`, hint);
  if (spec.type === "flag" && match?.[3] !== undefined)
    refuseDeclaration(`options(): ${name} is a switch, but its flag "${spec.flag}" names a value`, hint);
  if (!isPossibleValue(spec, spec.default))
    refuseDeclaration(
      `options(): the default of ${name}, ${spec.shownDefault ?? spec.default}, is no ${spec.type}${boundsText(spec)}`,
      "choose one that the flag itself could give",
    );
  const [long = word?.[1] as string, ...synonyms] = match?.[2]?.split(", ").map((each) => each.slice(2)) ?? [];
  return { short: match?.[1], long, synonyms, positional: match === null };
}

function boundsText({ min, max }: OptionSpec): string {
  return `${min === undefined ? "" : ` from ${min.text}`}${max === undefined ? "" : ` up to ${max.text}`}`;
}

/** Two options with one flag: only one of them could ever be set. */
function refuseRepeated(all: readonly (Named & { readonly name: string })[]): void {
  const owners = new Map<string, string>();
  for (const option of all) {
    const { name, short, synonyms } = option;
    for (const flag of [nameOf(option), ...synonyms.map((each) => `--${each}`), ...(short === undefined ? [] : [`-${short}`])]) {
      const owner = owners.get(flag);
      if (owner !== undefined)
        refuseDeclaration(`options(): ${owner} and ${name} both have the flag ${flag}`, "give one of them another flag");
      owners.set(flag, name);
    }
  }
}

type Named = Pick<DeclaredOption, "spec" | "long" | "synonyms" | "short" | "positional">;

function parseTokens(argv: readonly string[], named: readonly Named[]) {
  const config = Object.fromEntries(
    named
      .filter(({ positional }) => !positional)
      .flatMap(({ spec, long, synonyms, short }) => {
        const how = { type: spec.type === "flag" ? ("boolean" as const) : ("string" as const), multiple: true };
        return [
          [long, { ...how, ...(short === undefined ? {} : { short }) }] as const,
          ...synonyms.map((other) => [other, how] as const),
        ];
      }),
  );
  return parseArgs({ args: [...argv], options: config, strict: false, allowPositionals: true, tokens: true }).tokens;
}

/** The flags that are declared for every script once its module has run: their values are no arguments of the script. */
function filtersBeside(own: readonly Named[]): readonly Named[] {
  const used = new Set(own.flatMap(({ long, short }) => [long, short]));
  const spec: OptionSpec = { type: "string", flag: "", help: "", default: undefined };
  return FILTER_FLAGS.filter(({ name }) => !used.has(name)).map(({ name, short }) => ({
    spec,
    long: name,
    synonyms: [],
    short: short !== undefined && !used.has(short) ? short : undefined,
    positional: false,
  }));
}

/** Texts by the option's long name. @param before what was declared earlier: which of its flags have values matters here, too */
function readArguments(argv: readonly string[], named: readonly Named[], before: readonly Named[]): Map<string, string[]> {
  const texts = new Map<string, string[]>();
  const own = [...before, ...named];
  const all = [...own, ...filtersBeside(own)];
  const words = all.filter(({ positional }) => positional);
  const byName = new Map(all.flatMap((option) => [option.long, ...option.synonyms].map((each) => [each, option] as const)));
  for (const token of parseTokens(argv, all)) {
    const option = token.kind === "option" ? byName.get(token.name) : token.kind === "positional" ? words.shift() : undefined;
    if (option === undefined) continue;
    const list = texts.get(option.long) ?? [];
    list.push(token.kind === "option-terminator" ? "" : (token.value ?? ""));
    texts.set(option.long, list);
  }
  return texts;
}

/**
 * Checks the script's arguments against all options it declared, once its module has run: flags nobody declared,
 * missing or superfluous values, stray words.
 * @param suggest the nearest declared flags to a wrong one
 */
export function checkScriptArguments(
  script: Script,
  suggest: Suggest,
  isTsprobes: (flag: string) => boolean = () => false,
): void {
  const all = script.options.flatMap((declaration) => declaration.options);
  const known = new Map(all.flatMap((option) => [option.long, ...option.synonyms].map((each) => [each, option] as const)));
  let words = all.filter(({ positional }) => positional).length;
  const taken = words === 0 ? "the script takes flags only; see --help" : "the script takes fewer arguments; see --help";
  for (const token of parseTokens(script.argv, all)) {
    if (token.kind === "positional" && words-- <= 0) refuse(`unexpected argument "${token.value}"`, [taken]);
    if (token.kind !== "option") continue;
    const option = known.get(token.name);
    if (option === undefined) {
      const reason = FILTER_FLAGS.some(({ name, short }) => token.rawName === `--${name}` || token.rawName === `-${short}`)
        ? script.usage.find(({ noTaskFilters }) => noTaskFilters !== undefined)?.noTaskFilters
        : undefined;
      if (reason !== undefined) refuse(`${token.rawName} would mislead here`, [reason]);
      // Wherever else it stood, tsprobe would have taken it.
      if (isTsprobes(token.rawName))
        refuse(`the script has no flag ${token.rawName}`, [
          `what stands behind -- goes to the script: write tsprobe's own ${token.rawName} before it`,
        ]);
      const near = nearFlags(token.rawName, all, suggest);
      refuse(`the script has no flag ${token.rawName}`, [
        ...near.slice(0, 1).map((name) => `did you mean ${name}?`),
        "see --help for the script's flags",
      ]);
    }
    if (option.spec.type === "flag" && token.value !== undefined)
      refuse(`${token.rawName} takes no value`, [`write just ${token.rawName}`]);
    if (option.spec.type !== "flag" && (token.value === undefined || token.value === ""))
      refuseMissingValue(option.spec, `--${option.long}`);
  }
}

type Suggest = (wanted: string, known: readonly string[]) => readonly string[];

/** Of one-letter flags only the same letter in the other case is near. */
function nearFlags(wanted: string, all: readonly DeclaredOption[], suggest: Suggest): readonly string[] {
  const long = all.flatMap((option) => (option.positional ? [] : [option.long, ...option.synonyms].map((each) => `--${each}`)));
  if (wanted.startsWith("--")) return suggest(wanted, long);
  const short = all.flatMap((option) => (option.short === undefined ? [] : [`-${option.short}`]));
  return short.filter((flag) => flag.toLowerCase() === wanted.toLowerCase());
}

function refuse(message: string, hints: readonly string[]): never {
  throw new DiagnosticError({ code: "TSP1101", failure: "usage", severity: "error", message, hints });
}
