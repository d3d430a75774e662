import { constants } from "node:os";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import type { Span } from "../../diagnostics/span.js";
import type { Program } from "../program.js";
import type { CompilerEnd } from "./compiler.js";
import { type OutputError, type OutputPosition, parseOutput } from "./output.js";
import { filesOf, findPlace } from "./place.js";
import { type Explanation, explainError, REPORT_HINTS } from "./rules.js";

/** One mistake in the C can make a hundred errors: the first few tell all there is to tell, `details` has the rest. */
const MOST_DIAGNOSTICS = 5;

/** A compile that failed: how it ended and what the compiler wrote. */
export interface CompilerFailure {
  readonly end: CompilerEnd;
  readonly output: string;
  /** `BpfCompiler.description`. */
  readonly compiler: string;
}

type LocatedProgram = Pick<Program, "c" | "probes" | "statements">;

function placeOfFunction(program: LocatedProgram, name: string | undefined): Span | undefined {
  return program.probes.find((probe) => probe.functionName === name)?.span;
}

function placeOfPosition(program: LocatedProgram, at: OutputPosition | undefined): Span | undefined {
  if (at === undefined) return undefined;
  const place = findPlace(program.statements, at.path, at.line);
  if (place !== undefined || filesOf(program.statements).some((file) => file.path === at.path)) return place;
  // A line of C before any #line: the code generator speaks of a function by the place of its name in its declaration.
  const line = program.c.split("\n")[at.line - 1] ?? "";
  return placeOfFunction(program, /^\w+/.exec(line.slice(at.column - 1))?.[0]);
}

/** Before clang 17, the place is in the middle of a dump of the instruction: "sdiv 0x…, 0x…, /x/script.ts:6:17Please …". */
function placeInText(program: LocatedProgram, text: string): Span | undefined {
  for (const { path } of filesOf(program.statements)) {
    const at = text.lastIndexOf(`${path}:`);
    const line = at === -1 ? null : /^\d+/.exec(text.slice(at + path.length + 1));
    if (line !== null) return findPlace(program.statements, path, Number(line[0]));
  }
  return undefined;
}

function placeOf(program: LocatedProgram, error: OutputError): Span | undefined {
  return (
    placeOfPosition(program, error.origin) ??
    placeInText(program, error.text) ??
    placeOfPosition(program, error.at) ??
    placeOfFunction(program, error.functionName)
  );
}

function diagnostic(explanation: Explanation, span: Span | undefined, details: string): Diagnostic {
  const { code, message, hints, failure = "compiler" } = explanation;
  const known = { code, failure, severity: "error", message, hints } as const;
  return { ...known, ...(span === undefined ? {} : { span }), ...(details === "" ? {} : { details }) };
}

/** A driver that ran its compiler in a process of its own reports that one's death as a shell does: 128 and the signal's number. */
function signalOf(end: CompilerEnd): string | undefined {
  if (end.kind === "signal") return end.signal;
  if (end.kind !== "exit") return undefined;
  return Object.entries(constants.signals).find(([, number]) => end.code === 128 + number)?.[0];
}

function explainEnd({ end, compiler }: CompilerFailure): Explanation {
  const tryAnother = "Try another clang: TSPROBE_CLANG=/path/to/clang";
  const signal = signalOf(end);
  if (signal !== undefined) {
    return {
      code: "TSP5012",
      message: `${compiler} crashed (${signal}) while compiling this script`,
      hints: [tryAnother, ...REPORT_HINTS],
    };
  }
  switch (end.kind) {
    case "timeout":
      return {
        code: "TSP5013",
        message: `${compiler} did not finish within ${end.seconds} seconds`,
        hints: [tryAnother, ...REPORT_HINTS],
      };
    case "not-started":
      return {
        code: "TSP5014",
        // It never saw the C: what is lacking is a compiler.
        failure: "compiler-missing",
        message: `${compiler} cannot be started: ${end.reason}`,
        hints: [tryAnother],
      };
    default:
      return { code: "TSP5015", message: `${compiler} failed without saying why`, hints: [tryAnother, ...REPORT_HINTS] };
  }
}

interface Finding {
  readonly explanation: Explanation;
  readonly span: Span | undefined;
  /** Findings that are one to the user have equal keys. */
  readonly key: string;
}

function find(program: LocatedProgram, error: OutputError): Finding {
  const explanation = explainError(error.text);
  const span = placeOf(program, error);
  // The stack is a matter of the whole function (`at`): each access beyond the limit is an error of its own.
  const place = explanation.code === "TSP5002" ? JSON.stringify(error.at) : `${span?.file.path} ${span?.start} ${span?.end}`;
  return { explanation, span, key: `${explanation.code} ${place}` };
}

/**
 * Explains a compile that failed in the words of the script: one diagnostic for each kind of mistake and place, the compiler's full text
 * in the first one's `details`. Never empty.
 */
export function explainFailure(program: LocatedProgram, failure: CompilerFailure): Diagnostic[] {
  const findings = parseOutput(failure.output).map((error) => find(program, error));
  const causes = findings.filter(({ explanation }) => !explanation.secondary);
  if (causes.length === 0) {
    const unexplained = signalOf(failure.end) === undefined && failure.end.kind === "exit" ? findings[0] : undefined;
    const dumped = placeOfFunction(program, /on function '@(\w+)'/.exec(failure.output)?.[1]);
    return [diagnostic(unexplained?.explanation ?? explainEnd(failure), unexplained?.span ?? dumped, failure.output)];
  }
  const placed = new Set(causes.filter(({ span }) => span !== undefined).map(({ explanation }) => explanation.code));
  const shown = new Map<string, Finding>();
  for (const cause of causes) {
    const repeats = cause.span === undefined && placed.has(cause.explanation.code);
    if (!repeats && !shown.has(cause.key) && shown.size < MOST_DIAGNOSTICS) shown.set(cause.key, cause);
  }
  return [...shown.values()].map(({ explanation, span }, index) =>
    diagnostic(explanation, span, index === 0 ? failure.output : ""),
  );
}
