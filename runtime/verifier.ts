import { basename } from "node:path";
import type { Program, ProgramProbe } from "../compiler/program.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { lineSpan, positionAt, type SourceFile, type Span } from "../diagnostics/span.js";
import { type QuotedLine, readVerdict } from "./verifier-log.js";
import { TOO_COMPLEX, VERIFIER_RULES } from "./verifier-rules.js";

/** Where a quoted line is in the script; the other lines it may be as well if the log does not tell. */
interface Place {
  readonly span: Span;
  readonly others: readonly Span[];
}

function lineOf(span: Span): number {
  return positionAt(span.file, span.start).line;
}

function textOf(span: Span): string {
  const whole = lineSpan(span.file, lineOf(span));
  return whole.file.text.slice(whole.start, whole.end).trim();
}

function isWithin(span: Span, outer: Span): boolean {
  return span.file.path === outer.file.path && span.start >= outer.start && span.end <= outer.end;
}

/** One span per line, in order. */
function distinctLines(spans: readonly Span[]): readonly Span[] {
  const seen = new Set<string>();
  return spans.filter((span) => {
    const key = `${lineOf(span)} ${span.file.path}`;
    return !seen.has(key) && seen.add(key);
  });
}

/**
 * The place of a quoted line: by file and line where the kernel tells them, else by the text of the line. The text also
 * decides between files of one name: the kernel cuts the folder, and clang gives every line of a function the file in
 * which the function began, whatever #line says inside of it.
 */
function findPlace(quote: QuotedLine, program: Program, probe: ProgramProbe): Place | undefined {
  const { text, place } = quote;
  const fits = (span: Span) => text === "" || textOf(span) === text;
  const all = program.statements;
  if (place !== undefined) {
    const onLine = all.filter((span) => basename(span.file.path) === place.file && lineOf(span) === place.line && fits(span));
    if (onLine[0] !== undefined) return { span: onLine[0], others: distinctLines(onLine).slice(1) };
    const sameNumber = text === "" ? [] : all.filter((span) => lineOf(span) === place.line && fits(span));
    if (sameNumber[0] !== undefined) return { span: sameNumber[0], others: distinctLines(sameNumber).slice(1) };
    const files = new Map<string, SourceFile>([probe.span, ...all].map(({ file }) => [file.path, file]));
    for (const file of files.values()) {
      const whole = lineSpan(file, place.line);
      if (basename(file.path) === place.file && lineOf(whole) === place.line && fits(whole)) return { span: whole, others: [] };
    }
  }
  if (text === "") return undefined;
  const equal = distinctLines(all.filter(fits));
  const inside = equal.filter((span) => isWithin(span, probe.span));
  const candidates = inside.length > 0 ? inside : equal;
  return candidates[0] === undefined ? undefined : { span: candidates[0], others: candidates.slice(1) };
}

function findLatest(quotes: Iterable<QuotedLine>, program: Program, probe: ProgramProbe): Place | undefined {
  for (const quote of quotes) {
    const place = findPlace(quote, program, probe);
    if (place !== undefined) return place;
  }
  return undefined;
}

/**
 * Translates the kernel's refusal of a program to the script: its line, what is wrong in words, what to do.
 * @param log the verifier's log at level 1, whole
 * @param probe the probe whose program was refused: its span stands in where the log names no line
 */
export function diagnoseVerifierLog(log: string, program: Program, probe: ProgramProbe): Diagnostic {
  const { reason, quotes, cut } = readVerdict(log);
  const place = findLatest(quotes, program, probe);
  const said = reason.join("; ");
  const base = {
    severity: "error",
    span: place?.span ?? probe.span,
    details: log,
  } as const;
  const unsure =
    place === undefined || place.others.length === 0
      ? []
      : [`it may also be line ${place.others.map(lineOf).join(" or ")}, which reads the same: this kernel does not tell`];
  for (const rule of VERIFIER_RULES) {
    for (const line of reason) {
      const match = rule.pattern.exec(line);
      if (match === null) continue;
      return {
        ...base,
        // A loop that is followed too often is what the cut log is full of; any other place is not known then.
        ...(cut && rule.code !== TOO_COMPLEX ? { span: probe.span } : {}),
        code: rule.code,
        failure: rule.failure ?? "verifier",
        message: rule.message(match),
        hints: [...rule.hints, `the kernel says: ${said}`, ...unsure],
      };
    }
  }
  return {
    ...base,
    ...(cut ? { span: probe.span } : {}),
    code: "TSP6100",
    failure: "verifier",
    message:
      said === ""
        ? `the kernel refused the program of "${probe.name}" without a reason`
        : `the kernel refused the program of "${probe.name}": ${said}`,
    hints: ["the whole log of the kernel's verifier is shown with `-v`", ...unsure],
  };
}
