export type CommandName = "run" | "check" | "show" | "types" | "doctor" | "help";

/** Commands without a script. */
export type PlainCommand = "types" | "doctor";

/** One command, for parser and help. */
export interface CommandSpec {
  /** After "tsprobe". */
  readonly usage: string;
  readonly help: string;
  readonly examples: readonly string[];
}

export const commandTable: Readonly<Record<CommandName, CommandSpec>> = {
  run: {
    usage: "run [flags] <script> [script's flags]",
    help: "Runs a probe script: its handlers in the kernel, its callbacks and tables here.",
    examples: [
      "tsprobe run probes/tcpstates.ts --for 10s",
      "tsprobe run probes/tcpstates.ts -L 443 --format json",
      "tsprobe run probes/tcpstates.ts --help",
    ],
  },
  check: {
    usage: "check [flags] <script> [script's flags]",
    help: "Checks types and compiles a script without loading it. Needs no root.",
    examples: ["tsprobe check probes/tcpstates.ts"],
  },
  show: {
    usage: "show <c|ir> [flags] <script> [script's flags]",
    help: "Prints what a script's handlers become: the C source, or the representation before it.",
    examples: ["tsprobe show c probes/tcpstates.ts"],
  },
  types: {
    usage: "types",
    help: "Prints TypeScript declarations of this kernel's tracepoints and structs, for an editor: put them into a .d.ts file of your project.",
    examples: ["tsprobe types > kernel.d.ts"],
  },
  doctor: {
    usage: "doctor [flags]",
    help: "Tries what tsprobe needs and says what is missing, what that costs and what mends it. The exit code says whether tcpstates can run.",
    examples: ["tsprobe doctor", "tsprobe doctor --json"],
  },
  help: {
    usage: "help [command]",
    help: "Explains tsprobe or one command.",
    examples: ["tsprobe help run"],
  },
};

export const commandNames = Object.keys(commandTable) as readonly CommandName[];
