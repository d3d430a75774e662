/** What a verifier log says at its end, not yet tied to a script. */
export interface VerifierVerdict {
  /** The kernel's words for the refusal, usually one line. Empty if the log just stops. */
  readonly reason: readonly string[];
  /** The source lines the log quotes before that, latest first. */
  readonly quotes: Iterable<QuotedLine>;
  /** The log lacks what came just before the refusal: the latest quote need not be its place. */
  readonly cut: boolean;
}

/** A source line quoted by the log: where clang's line information says the instructions after it come from. */
export interface QuotedLine {
  /** Without leading blanks; empty if clang could not read the file. */
  readonly text: string;
  /** Base name of the file and line from 1. Kernels before 6.9 do not tell. */
  readonly place: { readonly file: string; readonly line: number } | undefined;
}

/** Stands in a log where its end was cut off, before the verdict that was asked for separately. */
export const CUT_MARK = "… the log was longer than the kernel could write; its end is missing here …";

// kernel/bpf/verifier.c prints, besides instructions ("12: (79) r1 = …"), the states they lead to and its own notes.
const INSTRUCTION = /^\d+: (\(|R\d|<|frame)/;
const STATE =
  /^(from \d+ to \d+|\d+: R\d|(?:cur|old) state:|frame\d|last_idx|parent |regs=|mark_precise|propagating|func#|caller|callee|returning from|to caller|Validating|Global function|Func#|arg#|subprog|reg type unsupported for arg)/;
const STATISTICS = /^(processed \d+ insns|verification time|stack depth|insns processed|mark_read)/;
const QUOTE = /^; ?(.*)$/;
const PLACE = / ?@ ([^@]*?):(\d+)$/;

function parseQuote(rest: string): QuotedLine {
  const place = PLACE.exec(rest);
  if (place === null) return { text: rest.trim(), place: undefined };
  return { text: rest.slice(0, place.index).trim(), place: { file: place[1] as string, line: Number(place[2]) } };
}

function* quotesBefore(lines: readonly string[], end: number): Generator<QuotedLine> {
  for (let at = end - 1; at >= 0; at--) {
    const match = QUOTE.exec(lines[at] as string);
    if (match === null) continue;
    const quote = parseQuote(match[1] as string);
    // Line 0 marks instructions that clang made up: the place before it is meant.
    if (quote.place?.line !== 0) yield quote;
  }
}

/** Finds the reason at the end of a verifier log (log level 1), and the source lines before it. */
export function readVerdict(log: string): VerifierVerdict {
  const lines = log.split("\n").map((line) => line.trimEnd());
  let end = lines.length;
  while (end > 0 && (lines[end - 1] === "" || STATISTICS.test(lines[end - 1] as string))) end--;
  let start = end;
  const reason: string[] = [];
  for (; start > 0; start--) {
    const line = lines[start - 1] as string;
    if (line === CUT_MARK || QUOTE.test(line) || (INSTRUCTION.test(line) && !line.includes("<invalid"))) break;
    if (line !== "" && !STATE.test(line)) reason.unshift(line);
  }
  const cut = lines[start - 1] === CUT_MARK;
  return { reason, cut, quotes: { [Symbol.iterator]: () => quotesBefore(lines, start) } };
}
