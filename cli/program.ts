import { DiagnosticError } from "../diagnostics/diagnostic.js";
import { exitCodeOf, failureExits } from "./exit.js";
import { defaultFlags, type OwnFlags } from "./flags.js";
import { type CommandLine, splitArguments } from "./flags-parse.js";
import type { KeepCode } from "./load.js";
import { requireOpenFiles } from "./open-files.js";
import { watchOutput } from "./output-failure.js";
import { createReporter } from "./reporter.js";

/** The command line: takes it apart, runs the command, prints what went wrong, and exits. */
async function main(argv: readonly string[], keepCode: KeepCode): Promise<number> {
  let own: OwnFlags = defaultFlags;
  try {
    const line = splitArguments(argv);
    own = line.own;
    return await dispatch(line, keepCode);
  } catch (error) {
    const reporter = createReporter(own);
    if (error instanceof DiagnosticError) {
      reporter.diagnostics(error.diagnostics);
      return exitCodeOf(error.diagnostics);
    }
    // A bug of ours: one line, and the stack only where it is asked for.
    const { ownStack } = await import("./own-stack.js");
    const stack = error instanceof Error ? ownStack(error.stack ?? String(error), import.meta.url) : String(error);
    const message = `tsprobe itself failed: ${error instanceof Error ? error.message : String(error)}`;
    reporter.diagnostics([
      {
        code: "TSP9001",
        failure: "internal",
        severity: "error",
        message,
        hints: ["this is a bug in tsprobe: please report it with the output of the same command and -v"],
        details: stack,
      },
    ]);
    return failureExits.internal.code;
  }
}

/** Commands are imported when they are used: what only some of them need is not set up for help. */
async function dispatch(line: CommandLine, keepCode: KeepCode): Promise<number> {
  const width = process.stdout.isTTY === true ? Math.min(process.stdout.columns, 120) : 80;
  switch (line.command) {
    case "version": {
      const { version } = await import("./package.js");
      process.stdout.write(`tsprobe ${version()}\n`);
      return 0;
    }
    case "help": {
      const { commandHelp, programHelp } = await import("./help.js");
      process.stdout.write(line.topic === undefined ? programHelp(width) : commandHelp(line.topic, width));
      return 0;
    }
    case "types":
      return (await import("./types.js")).types();
    case "doctor":
      requireOpenFiles();
      return (await import("./doctor.js")).doctor(line.own);
    case "show":
    case "check":
    case "run":
      break;
  }
  requireOpenFiles();
  // A compiler that has to get ready does so while everything else is loaded, in a process of its own.
  if (line.command !== "show" && !line.own.help) void (await import("./compiler.js")).startCompiler(line.script, line.own);
  const { check, run, show, showScriptHelp, warmUp } = await import("./commands.js");
  // The bundler's process starts now and is ready when it is needed.
  warmUp().catch(() => {}); // whoever needs it meets the same error
  if (line.own.help) return showScriptHelp(line.script, line.rest, line.own, width);
  if (line.command === "show") return show(line.stage, line.script, line.rest, line.own, keepCode);
  if (line.command === "check") return check(line.script, line.rest, line.own, keepCode);
  return run(line.script, line.rest, line.own, keepCode);
}

/**
 * The whole program, from its arguments to the end of the process.
 * @param keepCode to be called when a command has done most of what it does: the code is in memory then
 */
export async function runProgram(argv: readonly string[], keepCode: KeepCode): Promise<never> {
  const output = watchOutput();
  const code = await main(argv, keepCode);
  // Pipes are written asynchronously: exit only when what was printed is out. A script may have left timers behind, so exit.
  await Promise.all(
    [process.stdout, process.stderr].map(
      (stream) =>
        new Promise<void>((resolve) =>
          stream.writableEnded || stream.destroyed ? resolve() : stream.write("", () => resolve()),
        ),
    ),
  );
  process.exit(
    output.verdict(code, (diagnostic) => {
      createReporter(defaultFlags).diagnostics([diagnostic]);
      return exitCodeOf([diagnostic]);
    }),
  );
}
