import { expect, test } from "vitest";
import { parseOutput } from "../../../../compiler/clang/output.js";

test("an error of the front end, with a note and a warning beside it", () => {
  const output = `/s/my script.ts:4:19: error: use of undeclared identifier 'bar'
/s/my script.ts:4:3: note: did you mean 'baz'?
/s/my script.ts:5:3: warning: unused variable 'x' [-Wunused-variable]
<stdin>:9:1: fatal error: incompatible pointer types [-Werror,-Wincompatible-pointer-types]
2 errors generated.
`;
  expect(parseOutput(output)).toEqual([
    { text: "use of undeclared identifier 'bar'", at: { path: "/s/my script.ts", line: 4, column: 19 } },
    { text: "incompatible pointer types", at: { path: "<stdin>", line: 9, column: 1 } },
  ]);
});

test("an error of the code generator: the first usable origin counts", () => {
  const output = `<stdin>:7:5: error: Looks like the BPF stack limit is exceeded. Please move large on stack variables into BPF per-cpu array map.

<stdin>:7:5: note: could not determine the original source location for /s/script.ts:0:0
<stdin>:7:5: note: could not determine the original source location for /s/script.ts:6:12
<stdin>:7:5: note: could not determine the original source location for /s/script.ts:9:12
`;
  expect(parseOutput(output)).toEqual([
    {
      text: "Looks like the BPF stack limit is exceeded. Please move large on stack variables into BPF per-cpu array map.",
      at: { path: "<stdin>", line: 7, column: 5 },
      origin: { path: "/s/script.ts", line: 6, column: 12 },
    },
  ]);
});

test("a fatal error before clang 17, with its dump", () => {
  const output = `Error at line 6: Unsupport signed division for DAG: 0x6e95dd0: i64 = sdiv 0x6e95c30, 0x6e95d68, /s/script.ts:6:17Please convert to unsigned div/mod.
fatal error: error in backend: Cannot select: 0x6e95dd0: i64 = sdiv 0x6e95c30, 0x6e95d68, /s/script.ts:6:17
  0x6e95c30: i64,ch = load<(load (s64) from %ir.0)> 0x6db2128, 0x6e95af8, undef:i64, /s/script.ts:6:10
In function: states
PLEASE submit a bug report to https://github.com/llvm/llvm-project/issues/ and include the crash backtrace.
4.	Running pass 'BPF DAG->DAG Pattern Instruction Selection' on function '@states'
clang-16: error: clang frontend command failed with exit code 70 (use -v to see invocation)
`;
  expect(parseOutput(output)).toEqual([
    {
      text: "Unsupport signed division for DAG: 0x6e95dd0: i64 = sdiv 0x6e95c30, 0x6e95d68, /s/script.ts:6:17Please convert to unsigned div/mod.",
    },
    { text: "Cannot select: 0x6e95dd0: i64 = sdiv 0x6e95c30, 0x6e95d68, /s/script.ts:6:17", functionName: "states" },
    { text: "clang frontend command failed with exit code 70 (use -v to see invocation)" },
  ]);
});

test("LLVM's own death, the driver's refusal, and the form without debug information", () => {
  expect(parseOutput("LLVM ERROR: out of memory\nAllocation failed\n")).toEqual([{ text: "out of memory" }]);
  expect(parseOutput("/usr/lib/llvm-14/bin/clang: error: unknown argument: '-x'\n")).toEqual([
    { text: "unknown argument: '-x'" },
  ]);
  expect(
    parseOutput(
      "error: <unknown>:0:0: in function classifier i32 (ptr): A call to built-in function '__stack_chk_fail' is not supported.\n",
    ),
  ).toEqual([{ text: "A call to built-in function '__stack_chk_fail' is not supported.", functionName: "classifier" }]);
});

test("anything else is no error", () => expect(parseOutput("\nhello\nStack dump:\n0. x\n")).toEqual([]));
