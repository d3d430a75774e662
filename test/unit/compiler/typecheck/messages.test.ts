import { expect, test } from "vitest";
import { parseTscOutput } from "../../../../compiler/typecheck/messages.js";

test("errors with and without a place, elaborations, files and the rest", () => {
  const output = [
    "../a (1)/s.ts(2,23): error TS2322: Type 'string' is not assignable to type 'number'.",
    "  The types of 'a.b' are incompatible between these types.",
    "    Type 'string' is not assignable to type 'number'.",
    "error TS2688: Cannot find type definition file for 'node'.",
    "  The file is in the program because:",
    "/lib/lib.d.ts",
    "/a (1)/s.ts",
    "something else",
    "",
  ].join("\n");
  expect(parseTscOutput(output, "/work")).toEqual({
    errors: [
      {
        path: "/a (1)/s.ts",
        line: 2,
        column: 23,
        code: "TS2322",
        text: "Type 'string' is not assignable to type 'number'.",
        elaboration: [
          "The types of 'a.b' are incompatible between these types.",
          "Type 'string' is not assignable to type 'number'.",
        ],
        printed: "../a (1)/s.ts(2,23): error TS2322: Type 'string' is not assignable to type 'number'.",
      },
      {
        path: undefined,
        line: 0,
        column: 0,
        code: "TS2688",
        text: "Cannot find type definition file for 'node'.",
        elaboration: ["The file is in the program because:"],
        printed: "error TS2688: Cannot find type definition file for 'node'.",
      },
    ],
    files: ["/lib/lib.d.ts", "/a (1)/s.ts"],
    rest: ["something else"],
  });
});
