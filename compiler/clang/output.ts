/** A position in clang's output: in a file as #line named it, else ("<stdin>") in the C text itself. */
export interface OutputPosition {
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

/** One error of clang's output with what belongs to it. */
export interface OutputError {
  /** clang's words, without position, level and trailing option name. */
  readonly text: string;
  /** Where the message stands: for errors of the code generator that is the function, not the statement. */
  readonly at?: OutputPosition;
  /** Where the code generator says the reason lies; clang cannot find that place in the text it read and says so in a note. */
  readonly origin?: OutputPosition;
  /** The function being compiled, when only a stack dump tells. */
  readonly functionName?: string;
}

const LOCATED = /^(.+?):(\d+):(\d+): (fatal error|error|note|warning|remark): (.*)$/;
const ORIGIN_NOTE = /^could not determine the original source location for (.+):(\d+):(\d+)$/;
/** Errors without a position: of the driver, of the code generator (also before clang 17: "Error at line 6: …"), of LLVM itself. */
const UNLOCATED = /^(?:[\w./+-]+: )?(?:fatal error|error|LLVM ERROR|Error at line \d+): (.*)$/;
/** "error: <unknown>:0:0: in function f i32 (ptr): …", the code generator's form without debug information. */
const IN_FUNCTION = /^<unknown>:0:0: in function (\w+) .*?\): (.*)$/;
const DUMPED_FUNCTION = /(?:^In function: |on function '@)(\w+)/;

function position(path: string, line: string, column: string): OutputPosition | undefined {
  return Number(line) > 0 ? { path, line: Number(line), column: Number(column) } : undefined;
}

function withoutOption(text: string): string {
  return text.replace(/ \[-W[^\]]*\]$/, "");
}

/** The errors in clang's plain text output, in order. Warnings, remarks and everything unknown are passed over. */
export function parseOutput(output: string): OutputError[] {
  const errors: { -readonly [K in keyof OutputError]: OutputError[K] }[] = [];
  for (const line of output.split("\n")) {
    const last = errors.at(-1);
    const located = LOCATED.exec(line);
    if (located !== null) {
      const [, path = "", row = "", column = "", level, text = ""] = located;
      if (level === "error" || level === "fatal error") {
        const at = position(path, row, column);
        errors.push(at === undefined ? { text: withoutOption(text) } : { text: withoutOption(text), at });
      } else if (level === "note" && last !== undefined && last.origin === undefined) {
        const note = ORIGIN_NOTE.exec(text);
        const origin = note === null ? undefined : position(note[1] as string, note[2] as string, note[3] as string);
        if (origin !== undefined) last.origin = origin;
      }
      continue;
    }
    const unlocated = UNLOCATED.exec(line);
    if (unlocated !== null) {
      const text = (unlocated[1] as string).replace(/^error in backend: /, "");
      const inFunction = IN_FUNCTION.exec(text);
      errors.push(inFunction === null ? { text } : { text: inFunction[2] as string, functionName: inFunction[1] as string });
      continue;
    }
    const dumped = DUMPED_FUNCTION.exec(line);
    if (dumped !== null && last !== undefined && last.functionName === undefined) last.functionName = dumped[1] as string;
  }
  return errors;
}
