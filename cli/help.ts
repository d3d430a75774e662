import type { Usage } from "../dsl/usage.js";
import { failureExits, type StopSignal, signalExits } from "./exit.js";
import { allFlags, type FlagGroup, type FlagSpec } from "./flags.js";
import { type CommandName, commandNames, commandTable } from "./flags-commands.js";
import { leftWidthOf, twoColumns, wrapText } from "./help-layout.js";

/** A script's own flag, as `options` declared it. */
export interface OptionHelp {
  /** "-L, --localport <list>" */
  readonly flag: string;
  readonly help: string;
  /** As the user would write it. */
  readonly default?: string;
}

const GROUPS: readonly FlagGroup[] = ["Stop", "Output", "Kernel and compiler", "General"];

function withDefault(help: string, value: string | undefined): string {
  return value === undefined ? help : `${help} (default: ${value})`;
}

/** A short form is put in front, and a long one without stands under the others' long ones. */
function flagText({ long, short, value, choices }: FlagSpec): string {
  const named = short === undefined ? `    ${long}` : `${short}, ${long}`;
  if (value === undefined) return named;
  return `${named} ${choices === undefined ? value : `<${choices.join("|")}>`}`;
}

function flagSections(command: CommandName, width: number): string[] {
  const flags = allFlags.filter((flag) => flag.commands.includes(command));
  const leftWidth = leftWidthOf(flags.map(flagText));
  return GROUPS.flatMap((group) => {
    const rows = flags
      .filter((flag) => flag.group === group)
      .map(
        (flag) =>
          [
            flagText(flag),
            withDefault(flag.help, flag.shownDefault ?? (flag.choices === undefined ? undefined : String(flag.default))),
          ] as const,
      );
    return rows.length === 0 ? [] : ["", group, ...twoColumns(rows, width, leftWidth)];
  });
}

function exampleSection(examples: readonly string[]): string[] {
  return ["", "Examples", ...examples.map((example) => `  ${example}`)];
}

const STOPS: Readonly<Record<StopSignal, string>> = {
  SIGHUP: "SIGHUP",
  SIGINT: "SIGINT (Ctrl-C)",
  SIGPIPE: "the reader of standard output going away (SIGPIPE)",
  SIGTERM: "SIGTERM",
};

function exitSection(width: number): string[] {
  const failures = Object.values(failureExits).map(({ code, meaning }) => [String(code).padStart(3), meaning] as const);
  const stops = Object.entries(signalExits).map(
    ([signal, code]) => [String(code), `stopped by ${STOPS[signal as StopSignal]}`] as const,
  );
  return [
    "",
    "Exit codes",
    ...twoColumns([["  0", "the run ended by itself, --for or --events"], ...failures, ...stops], width, 3),
  ];
}

function page(lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}

/**
 * What `tsprobe help` prints.
 * @param width columns to use
 */
export function programHelp(width = 80): string {
  const rows = commandNames.map((name) => [commandTable[name].usage, commandTable[name].help] as const);
  const examples = commandNames.flatMap((name) => commandTable[name].examples.slice(0, name === "run" ? 2 : 1));
  return page([
    ...wrapText("tsprobe runs kernel probes written in TypeScript.", width),
    "",
    "Usage: tsprobe <command> …",
    "",
    "Commands",
    ...twoColumns(rows, width, 4),
    ...exampleSection(examples),
    ...flagSections("help", width),
    "",
    ...wrapText("tsprobe help <command> explains a command and its flags; tsprobe run <script> --help a script's flags.", width),
  ]);
}

/** What `tsprobe help <command>` prints. */
export function commandHelp(command: CommandName, width = 80): string {
  if (command === "help") return programHelp(width);
  const { usage, help, examples } = commandTable[command];
  return page([
    `Usage: tsprobe ${usage}`,
    "",
    ...wrapText(help, width),
    "",
    ...wrapText(
      "The flags below may also stand behind the script's path. They win over flags of the script with the same name; whatever follows -- is the script's.",
      width,
    ),
    ...flagSections(command, width),
    ...exampleSection(examples),
    ...(command === "run" ? exitSection(width) : []),
  ]);
}

export interface ScriptHelp {
  readonly path: string;
  readonly usage: readonly Usage[];
  /** The script's own. */
  readonly flags: readonly OptionHelp[];
  /** Those that every script has. */
  readonly filters?: readonly OptionHelp[];
  readonly width?: number;
}

/** What `tsprobe run <script> --help` prints: what the script is for, and its own flags. */
export function scriptHelp({ path, usage, flags, filters = [], width = 80 }: ScriptHelp): string {
  const left = ({ flag }: OptionHelp) => (flag.startsWith("-") && !flag.startsWith("--") ? flag : `    ${flag}`);
  const leftWidth = leftWidthOf([...flags, ...filters].map(left));
  const rows = (some: readonly OptionHelp[]) =>
    twoColumns(
      some.map((spec) => [left(spec), withDefault(spec.help, spec.default)] as const),
      width,
      leftWidth,
    );
  const own = allFlags.filter((flag) => flag.commands.includes("run")).map((flag) => flag.long);
  const words = flags.filter(({ flag }) => flag.startsWith("<"));
  const examples = usage.flatMap((each) => each.examples ?? []);
  return page([
    `Usage: tsprobe run ${path} [flags]${words.map(({ flag }) => ` [${flag}]`).join("")}`,
    ...usage.flatMap(({ about }) => ["", ...wrapText(about, width)]),
    "",
    ...(flags.length === 0 ? ["The script has no flags of its own."] : ["Flags of the script", ...rows(flags)]),
    ...(filters.length === 0 ? [] : ["", "Which tasks its handlers see", ...rows(filters)]),
    "",
    "Flags of tsprobe (see tsprobe help run)",
    ...wrapText(own.join(" "), width - 2).map((line) => `  ${line}`),
    ...(examples.length === 0 ? [] : ["", "Examples", ...exampleLines(path, examples, width)]),
  ]);
}

/** Each example with its words below it: command lines are too long for two columns. */
function exampleLines(path: string, examples: readonly (readonly [string, string])[], width: number): string[] {
  return examples.flatMap(([args, help]) => [
    `  tsprobe run ${path}${args === "" ? "" : ` ${args}`}`,
    ...wrapText(help, width - 6).map((line) => `      ${line}`),
  ]);
}
