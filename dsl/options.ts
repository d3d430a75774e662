import { parseArgs } from "node:util";
import { DiagnosticError } from "../diagnostics/diagnostic.js";
import { refuseDeclaration } from "./declaration-error.js";
import type { OptionSpec } from "./opt.js";
import { isPossibleValue, parseOptionValue, refuseMissingValue } from "./option-values.js";
import { currentScript, type Script } from "./script.js";

/** One option as the compiler and the help text see it. */
export interface DeclaredOption {
  /** The script's name for it. */
  readonly name: string;
  readonly spec: OptionSpec;
  readonly long: string;
  readonly short: string | undefined;
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
  const script = currentScript();
  const named = Object.entries(specs).map(([name, spec]) => ({ name, spec, ...parseFlag(name, spec) }));
  refuseRepeated([...script.options.flatMap((declaration) => declaration.options), ...named]);
  const texts = readArguments(script.argv, named);
  const declared = named.map((option): DeclaredOption => {
    const given = texts.get(option.long);
    const value = given === undefined ? option.spec.default : parseOptionValue(option.spec, `--${option.long}`, given);
    return Object.freeze({ ...option, given: given !== undefined, value });
  });
  const values = Object.freeze(Object.fromEntries(declared.map(({ name, value }) => [name, value])));
  const declaration = Object.freeze({ options: Object.freeze(declared) });
  declarations.set(values, declaration);
  script.options.push(declaration);
  return values as OptionValues<S>;
}

function parseFlag(name: string, spec: OptionSpec): { long: string; short: string | undefined } {
  const match = /^(?:-([A-Za-z0-9]), )?--([a-z0-9][a-z0-9-]*)( <[^>]+>)?$/.exec(spec.flag);
  const example = spec.type === "flag" ? '"-a, --all" or "--all"' : '"-L, --localport <list>" or "--localport <list>"';
  const hint = `write it like ${example}`;
  if (match === null) refuseDeclaration(`options(): the flag of ${name} is not written as flags are: "${spec.flag}"`, hint);
  if (spec.type === "flag" && match[3] !== undefined)
    refuseDeclaration(`options(): ${name} is a switch, but its flag "${spec.flag}" names a value`, hint);
  if (!isPossibleValue(spec, spec.default))
    refuseDeclaration(
      `options(): the default of ${name}, ${spec.default}, is no ${spec.type}`,
      "choose one that the flag itself could give",
    );
  return { short: match[1], long: match[2] as string };
}

/** Two options with one flag: only one of them could ever be set. */
function refuseRepeated(
  all: readonly { readonly name: string; readonly long: string; readonly short: string | undefined }[],
): void {
  const owners = new Map<string, string>();
  for (const { name, long, short } of all) {
    for (const flag of [`--${long}`, ...(short === undefined ? [] : [`-${short}`])]) {
      const owner = owners.get(flag);
      if (owner !== undefined)
        refuseDeclaration(`options(): ${owner} and ${name} both have the flag ${flag}`, "give one of them another flag");
      owners.set(flag, name);
    }
  }
}

type Named = { readonly spec: OptionSpec; readonly long: string; readonly short: string | undefined };

function parseTokens(argv: readonly string[], named: readonly Named[]) {
  const config = Object.fromEntries(
    named.map(({ spec, long, short }) => [
      long,
      {
        type: spec.type === "flag" ? ("boolean" as const) : ("string" as const),
        multiple: true,
        ...(short === undefined ? {} : { short }),
      },
    ]),
  );
  return parseArgs({ args: [...argv], options: config, strict: false, allowPositionals: true, tokens: true }).tokens;
}

function readArguments(argv: readonly string[], named: readonly Named[]): Map<string, string[]> {
  const texts = new Map<string, string[]>();
  for (const token of parseTokens(argv, named)) {
    if (token.kind !== "option") continue;
    const list = texts.get(token.name) ?? [];
    list.push(token.value ?? "");
    texts.set(token.name, list);
  }
  return texts;
}

/**
 * Checks the script's arguments against all options it declared, once its module has run: flags nobody declared,
 * missing or superfluous values, stray words.
 * @param suggest the nearest declared flags to a wrong one
 */
export function checkScriptArguments(script: Script, suggest: Suggest): void {
  const all = script.options.flatMap((declaration) => declaration.options);
  const known = new Map(all.map((option) => [option.long, option]));
  for (const token of parseTokens(script.argv, all)) {
    if (token.kind === "positional") refuse(`unexpected argument "${token.value}"`, ["the script takes flags only; see --help"]);
    if (token.kind !== "option") continue;
    const option = known.get(token.name);
    if (option === undefined) {
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
  const long = all.map((option) => `--${option.long}`);
  if (wanted.startsWith("--")) return suggest(wanted, long);
  const short = all.flatMap((option) => (option.short === undefined ? [] : [`-${option.short}`]));
  return short.filter((flag) => flag.toLowerCase() === wanted.toLowerCase());
}

function refuse(message: string, hints: readonly string[]): never {
  throw new DiagnosticError({ code: "TSP1101", failure: "usage", severity: "error", message, hints });
}
