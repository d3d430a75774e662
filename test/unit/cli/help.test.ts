import { describe, expect, test } from "vitest";
import { allFlags } from "../../../cli/flags.js";
import { type CommandName, commandNames, commandTable } from "../../../cli/flags-commands.js";
import { splitArguments } from "../../../cli/flags-parse.js";
import { commandHelp, programHelp, scriptHelp } from "../../../cli/help.js";

describe("help", () => {
  test("of the program", () => {
    expect(programHelp()).toMatchInlineSnapshot(`
      "tsprobe runs kernel probes written in TypeScript.

      Usage: tsprobe <command> …

      Commands
        run [flags] <script> [script's flags]
              Runs a probe script: its handlers in the kernel, its callbacks and
              tables here.
        check [flags] <script> [script's flags]
              Checks types and compiles a script without loading it. Needs no root.
        show <c|ir> [flags] <script> [script's flags]
              Prints what a script's handlers become: the C source, or the
              representation before it.
        types
              Prints TypeScript declarations of this kernel's tracepoints and structs,
              for an editor: put them into a .d.ts file of your project.
        doctor [flags]
              Tries what tsprobe needs and says what is missing, what that costs and
              what mends it. The exit code says whether tcpstates can run.
        help [command]
              Explains tsprobe or one command.

      Examples
        tsprobe run probes/tcpstates.ts --for 10s
        tsprobe run probes/tcpstates.ts -L 443 --format json
        tsprobe check probes/tcpstates.ts
        tsprobe show c probes/tcpstates.ts
        tsprobe types > kernel.d.ts
        tsprobe doctor
        tsprobe help run

      General
            --color <auto|always|never>  colours in messages (NO_COLOR and FORCE_COLOR
                                         are heeded) (default: auto)
        -h, --help                       show help; after a script's path, the
                                         script's own flags
            --version                    show the version

      tsprobe help <command> explains a command and its flags; tsprobe run <script>
      --help a script's flags.
      "
    `);
  });

  test("of a command", () => {
    expect(commandHelp("run")).toMatchInlineSnapshot(`
      "Usage: tsprobe run [flags] <script> [script's flags]

      Runs a probe script: its handlers in the kernel, its callbacks and tables here.

      The flags below may also stand behind the script's path. They win over flags of
      the script with the same name; whatever follows -- is the script's.

      Stop
            --for <duration>             stop after this time: 10s, 500ms, 2m, 1h30m;
                                         a plain number is seconds
            --events <n>                 stop after this many events: rows that are
                                         written or handed to callbacks

      Output
            --format <table|json|csv>    table: aligned columns for people; json: one
                                         JSON object a line, whole events with exact
                                         integers; csv: the table's columns as
                                         comma-separated values (RFC 4180) (default:
                                         table)
            --no-header                  leave out the heading of tables and CSV

      Kernel and compiler
            --ring-size <bytes>          buffer for events on their way from the
                                         kernel: 256K, 4M …, a power of two
            --clang <which>              native (this machine's clang), embedded
                                         (tsprobe's own) or a path; else native if
                                         there is one
            --no-check                   leave out the type check of the script

      General
        -v, --verbose                    say what is done and how long it takes; show
                                         whole compiler and verifier logs
        -q, --quiet                      no summary and no notes on standard error,
                                         errors only
            --color <auto|always|never>  colours in messages (NO_COLOR and FORCE_COLOR
                                         are heeded) (default: auto)
        -h, --help                       show help; after a script's path, the
                                         script's own flags

      Examples
        tsprobe run probes/tcpstates.ts --for 10s
        tsprobe run probes/tcpstates.ts -L 443 --format json
        tsprobe run probes/tcpstates.ts --help

      Exit codes
          0  the run ended by itself, --for or --events
          1  the script's own code threw an error
          2  wrong flag, value or command
          3  the script cannot be read
          4  the script is not valid TypeScript
          5  the script has type errors (--no-check skips the check)
          6  a handler uses something that cannot run in the kernel
          7  unknown tracepoint, field or struct
          8  no usable clang
          9  clang refused the generated C
         10  the kernel's verifier refused a handler
         11  the program could not be loaded
         12  a probe could not be attached
         13  not enough privilege
         14  this kernel lacks something (BTF, version 5.8)
         15  standard output cannot be written
         70  a bug in tsprobe
        129  stopped by SIGHUP
        130  stopped by SIGINT (Ctrl-C)
        141  stopped by the reader of standard output going away (SIGPIPE)
        143  stopped by SIGTERM
      "
    `);
  });

  test("of a script", () => {
    const specs = [
      { flag: "-L, --localport <list>", help: "only these local ports" },
      { flag: "--min-us <n>", help: "hide shorter states", default: "0" },
    ];
    expect(scriptHelp({ path: "probes/tcpstates.ts", usage: [], flags: specs })).toMatchInlineSnapshot(`
      "Usage: tsprobe run probes/tcpstates.ts [flags]

      Flags of the script
        -L, --localport <list>  only these local ports
            --min-us <n>        hide shorter states (default: 0)

      Flags of tsprobe (see tsprobe help run)
        --for --events --format --no-header --ring-size --clang --no-check --verbose
        --quiet --color --help
      "
    `);
    expect(scriptHelp({ path: "x.ts", usage: [], flags: [] })).toContain("no flags of its own");
    const words = scriptHelp({
      path: "x.ts",
      usage: [
        {
          about: "Shows what is slow.",
          examples: [
            ["10", "slower than 10 ms"],
            ["", "all"],
          ],
        },
      ],
      flags: [{ flag: "<ms>", help: "at least" }],
    });
    expect(words).toMatch(/^Usage: tsprobe run x\.ts \[flags\] \[<ms>\]\n\nShows what is slow\.\n/);
    expect(words).toMatch(/\n {6}<ms> {2}at least\n/);
    expect(words).toMatch(/\nExamples\n {2}tsprobe run x\.ts 10\n {6}slower than 10 ms\n {2}tsprobe run x\.ts\n {6}all\n$/);
  });

  test("keeps to the width where words allow it", () => {
    for (const width of [60, 80, 120]) {
      for (const command of commandNames) {
        const prose = commandHelp(command, width)
          .split("\n")
          .filter((line) => !line.startsWith("  tsprobe") && !/^ {2,6}-/.test(line));
        expect(prose.filter((line) => line.length > width)).toEqual([]);
      }
    }
  });

  test("names every flag under a command that takes it", () => {
    const pages = Object.fromEntries(commandNames.map((name) => [name, commandHelp(name)])) as Record<CommandName, string>;
    for (const flag of allFlags) for (const command of flag.commands) expect(pages[command]).toContain(flag.long);
  });

  test("gives examples that work", () => {
    for (const example of commandNames.flatMap((name) => commandTable[name].examples)) {
      // A redirection is the shell's.
      const [words = ""] = example.split(" > ");
      expect(() => splitArguments(words.split(" ").slice(1))).not.toThrow();
    }
  });
});
