import type { FailureClass } from "../../diagnostics/diagnostic.js";

/** What an error of clang's means in the words of a script. */
export interface Explanation {
  readonly code: string;
  readonly message: string;
  readonly hints: readonly string[];
  /** "compiler" if not given. */
  readonly failure?: FailureClass;
  /** Said again for each use, or caused by another error: dropped beside an error that is not. */
  readonly secondary?: boolean;
}

interface Rule {
  readonly pattern: RegExp;
  readonly explain: (match: RegExpExecArray) => Explanation;
}

/** compiler-rt's naming: __muldf3, __fixdfsi, __floatundidf …; sf, df, tf are the float types. */
const FLOAT_ROUTINE = /^__(?:\w+[sdtx]f\d?|fix\w+|float\w+|extend\w+|trunc\w+)$/;
/** __multi3, __udivti3: ti is the 128-bit integer. */
const WIDE_ROUTINE = /^__\w*ti\d?$|^__mulo[sdt]i4$/;
const BLOCK_ROUTINE = /^(?:mem(?:cpy|set|move|cmp)|bcmp|strlen)$/;

function explainRoutine(name: string): Explanation {
  if (FLOAT_ROUTINE.test(name)) {
    return {
      code: "TSP5003",
      message: "this line needs floating-point arithmetic, which does not exist inside the kernel",
      hints: ["Keep to whole numbers in the handler and do the rest in the callback, which runs in Node"],
    };
  }
  if (WIDE_ROUTINE.test(name)) {
    return {
      code: "TSP5004",
      message: "this line needs arithmetic with more than 64 bits, which BPF does not have",
      hints: ["Multiply smaller values (divide first, or use number instead of bigint), or do it in the callback"],
    };
  }
  if (BLOCK_ROUTINE.test(name)) {
    return {
      code: "TSP5005",
      message: "this line copies, clears or compares more bytes at once than a BPF program can",
      hints: ["Use shorter strings and arrays, or leave parts of the event out"],
    };
  }
  return {
    code: "TSP5006",
    message: `this line needs the library function ${name}, which does not exist inside the kernel`,
    hints: REPORT_HINTS,
  };
}

/** For what the passes before clang should have caught: the fault is ours. */
export const REPORT_HINTS: readonly string[] = [
  "This is a fault of tsprobe, not of the script: please report it with what `tsprobe show c` prints for this script",
];

const STACK: Explanation = {
  code: "TSP5002",
  message: "this handler needs more than the 512 bytes of stack that a BPF program has",
  hints: [
    "Strings, arrays and objects in local constants take stack: return them in the event directly, use shorter ones, or keep them in a map",
  ],
};

/** Beside an error they only repeat what it said. */
const FOLLOW_UP: Explanation = {
  code: "TSP5001",
  message: "clang gave up on this program",
  hints: REPORT_HINTS,
  secondary: true,
};

/** Seen with clang 14, 16 and 19; texts changed in 17. The code generator's own sources: llvm/lib/Target/BPF. */
const RULES: readonly Rule[] = [
  { pattern: /BPF stack limit/, explain: () => STACK },
  {
    pattern: /[Uu]nsupport(?:ed)? signed division|i(?:32|64) = s(?:div|rem|divrem) /,
    explain: () => ({
      code: "TSP5007",
      message: "a division of values that may be negative needs an instruction that kernels before 6.6 do not have",
      hints: ["Divide values that cannot be negative, or do the division in the callback"],
    }),
  },
  { pattern: /call to built-in function '(\w+)' is not supported/, explain: (match) => explainRoutine(match[1] as string) },
  {
    pattern: /too many arg|stack arguments are not supported/,
    explain: () => ({
      code: "TSP5008",
      message: "a helper function takes more than the five values that a BPF function can",
      hints: ["Give it fewer parameters, or write its body where it is used"],
    }),
  },
  {
    pattern: /aggregate returns are not supported|VarArgs or StructRet are not supported/,
    explain: () => ({
      code: "TSP5009",
      message: "a helper function returns an object, which a BPF function cannot",
      hints: ["Return a single value, or write its body where it is used"],
    }),
  },
  {
    pattern: /bracket nesting level exceeded|instantiation depth|stack exhausted|too deeply nested/,
    explain: () => ({
      code: "TSP5010",
      message: "this code is nested too deeply for clang (256 levels)",
      hints: ["Split it: give parts of the expression names of their own (const), or move inner blocks into a helper (fn)"],
    }),
  },
  {
    pattern: /out of memory/,
    explain: () => ({
      code: "TSP5011",
      message: "clang needed more memory than tsprobe lets it take (2 GiB)",
      hints: ["Some versions do so on correct code: try another clang, 17 or newer (TSPROBE_CLANG=/path/to/clang)"],
    }),
  },
  {
    pattern:
      /only small returns supported|Cannot select:|Allocation failed|clang frontend command failed|too many errors emitted/,
    explain: () => FOLLOW_UP,
  },
];

const LONGEST_QUOTE = 160;

/** Explains one error text of clang's; an unknown one is quoted as our fault. */
export function explainError(text: string): Explanation {
  for (const { pattern, explain } of RULES) {
    const match = pattern.exec(text);
    if (match !== null) return explain(match);
  }
  const quote = text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text;
  return { code: "TSP5001", message: `clang refuses the C made from this script: ${quote}`, hints: REPORT_HINTS };
}
