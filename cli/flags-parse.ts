import { isFilterFlag } from "../dsl/filters.js";
import { nearestNames } from "../kernel/nearest.js";
import { allFlags, defaultFlags, type NamedFlag, type OwnFlags, ownFlag } from "./flags.js";
import { type CommandName, commandNames, type PlainCommand } from "./flags-commands.js";
import { refuseUsage } from "./flags-values.js";

/** What `show` can show. */
export const stages = ["c", "ir"] as const;
export type Stage = (typeof stages)[number];

/** A command line taken apart. With `own.help` the help of the command, or of the script, is wanted instead. */
export type CommandLine =
  | { readonly command: "help"; readonly topic: CommandName | undefined; readonly own: OwnFlags }
  | { readonly command: "version"; readonly own: OwnFlags }
  | { readonly command: PlainCommand; readonly own: OwnFlags }
  | { readonly command: "run" | "check"; readonly script: string; readonly own: OwnFlags; readonly rest: readonly string[] }
  | {
      readonly command: "show";
      readonly stage: Stage;
      readonly script: string;
      readonly own: OwnFlags;
      readonly rest: readonly string[];
    };

/** Words before the script's path, in order: command, then what the command wants. */
interface Split {
  readonly words: readonly string[];
  readonly given: ReadonlyMap<NamedFlag, unknown>;
  readonly rest: readonly string[];
}

/**
 * Takes a command line apart: tsprobe's own flags, the command, the script, and what belongs to the script.
 * - Own flags may stand anywhere before `--`, also behind the script's path among the script's flags.
 * - Own flags win over a script's flags of the same name, long or short (-v, -q, -h); after `--` all is the script's.
 * - Before the script's path an unknown flag is an error; behind it, it is the script's, and so is every other word.
 * - A flag given twice: the last one counts. `--for 10s` and `--for=10s` are the same, so are `-qv` and `-q -v`.
 * @param argv without node and the program's path
 * @throws DiagnosticError "usage" for the first mistake
 */
export function splitArguments(argv: readonly string[]): CommandLine {
  const { words, given, rest } = split(argv);
  const own = { ...defaultFlags, ...Object.fromEntries([...given].map(([flag, value]) => [flag.key, value])) } as OwnFlags;
  const [first, ...more] = words;
  if (own.version) return { command: "version", own };
  if (first === undefined) {
    checkTaken(given, "help");
    return { command: "help", topic: undefined, own };
  }
  const command = commandNamed(first);
  if (command === "help") return { command, topic: more[0] === undefined ? undefined : commandNamed(more[0]), own };
  checkTaken(given, command);
  if (command === "types" || command === "doctor") {
    if (own.help) return { command: "help", topic: command, own };
    if (more[0] !== undefined) refuseUsage("TSP1114", `tsprobe ${command} takes no "${more[0]}"`, [`write tsprobe ${command}`]);
    return { command, own };
  }
  if (command === "show") {
    const [stage, script] = more;
    if (own.help && script === undefined) return { command: "help", topic: command, own };
    return { command, stage: stageNamed(stage), script: scriptGiven(script, command), own, rest };
  }
  if (own.help && more[0] === undefined) return { command: "help", topic: command, own };
  return { command, script: scriptGiven(more[0], command), own, rest };
}

const SCRIPT_COMMANDS: readonly CommandName[] = ["run", "check", "show"];

/** How many words a command line has up to the script's path, that included. */
function wordsWanted(words: readonly string[]): number {
  if (words[0] === "show") return 3;
  return words[0] === "help" ? Number.POSITIVE_INFINITY : 2;
}

function split(argv: readonly string[]): Split {
  const words: string[] = [];
  const rest: string[] = [];
  const given = new Map<NamedFlag, unknown>();
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] as string;
    const behindScript = words.length >= wordsWanted(words);
    if (word === "--") {
      const after = argv.slice(i + 1);
      // Before the script's path, "--" only says that the words after it are no flags of ours.
      while (words.length < wordsWanted(words) && after.length > 0) words.push(after.shift() as string);
      rest.push(...after);
      break;
    }
    if (!word.startsWith("-") || word === "-") {
      if (words.length === 0) commandNamed(word); // before its flags are looked at, which it may not know
      (behindScript ? rest : words).push(word);
      continue;
    }
    const [name, attached] = cutAtEquals(word);
    const flags = flagsNamed(name);
    // Behind a script's path a flag that no command with a script takes is the script's.
    if (
      flags === undefined ||
      (behindScript && flags.every((flag) => !flag.commands.some((command) => SCRIPT_COMMANDS.includes(command))))
    ) {
      if (!behindScript) {
        // A filter's flag may stand there too: it is the script's, like all that stands behind its path.
        if (!isFilterFlag(name)) refuseUnknown(name);
        const text = attached ?? argv[++i];
        if (text === undefined || text === "") refuseUsage("TSP1112", `${name} needs a value`, ["see tsprobe help run"]);
        rest.push(attached === undefined ? name : word, ...(attached === undefined ? [text] : []));
        continue;
      }
      rest.push(word);
      continue;
    }
    for (const flag of flags) {
      if ("to" in flag.set) {
        if (attached !== undefined) refuseUsage("TSP1113", `${name} takes no value`, [`write just ${name}`]);
        given.set(flag, flag.set.to);
      } else {
        const text = attached ?? argv[++i];
        if (text === undefined || text === "" || (attached === undefined && /^-./.test(text))) {
          refuseUsage("TSP1112", `${name} needs a value`, [`write ${flag.long} ${flag.value}: ${flag.help}`]);
        }
        given.set(flag, flag.set.by(text, name));
      }
    }
  }
  return { words, given, rest };
}

function cutAtEquals(word: string): readonly [string, string | undefined] {
  const at = word.indexOf("=");
  return at === -1 || !word.startsWith("--") ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}

/** The own flags a word stands for: one, or several switches written together (-qv). */
function flagsNamed(name: string): readonly NamedFlag[] | undefined {
  const whole = ownFlag(name);
  if (whole !== undefined) return [whole];
  if (!/^-[A-Za-z]{2,}$/.test(name)) return undefined;
  const letters = [...name.slice(1)].map((letter) => ownFlag(`-${letter}`));
  return letters.every((flag) => flag !== undefined && "to" in flag.set) ? (letters as NamedFlag[]) : undefined;
}

function refuseUnknown(name: string): never {
  const bare = allFlags.map((flag) => flag.long.slice(2));
  const near = nearestNames(name.replace(/^-+/, ""), bare, 1).map((flag) => `did you mean --${flag}?`);
  refuseUsage("TSP1111", `there is no flag ${name}`, [...near, "flags of a script come after its path; see tsprobe help"]);
}

function checkTaken(given: ReadonlyMap<NamedFlag, unknown>, command: CommandName): void {
  for (const flag of given.keys()) {
    if (flag.commands.includes(command)) continue;
    refuseUsage("TSP1111", command === "help" ? `${flag.long} needs a command` : `tsprobe ${command} takes no ${flag.long}`, [
      `it belongs to tsprobe ${flag.commands.join(", ")}`,
    ]);
  }
}

function commandNamed(word: string): CommandName {
  const command = commandNames.find((name) => name === word);
  if (command !== undefined) return command;
  const isScript = /\.[cm]?tsx?$/.test(word) || word.includes("/");
  const near = nearestNames(word, commandNames, 1).map((name) => `did you mean tsprobe ${name}?`);
  refuseUsage("TSP1114", `there is no command "${word}"`, [
    ...(isScript ? [`to run a script: tsprobe run ${word}`] : near),
    `the commands are ${commandNames.join(", ")}`,
  ]);
}

function stageNamed(word: string | undefined): Stage {
  const stage = stages.find((name) => name === word);
  if (stage !== undefined) return stage;
  refuseUsage("TSP1114", word === undefined ? "show needs to know what to show" : `show cannot show "${word}"`, [
    "write tsprobe show c <script> or tsprobe show ir <script>",
  ]);
}

function scriptGiven(script: string | undefined, command: CommandName): string {
  if (script !== undefined) return script;
  refuseUsage("TSP1115", `${command} needs the path of a script`, [
    `write tsprobe ${command}${command === "show" ? " c" : ""} probes/tcpstates.ts`,
  ]);
}
