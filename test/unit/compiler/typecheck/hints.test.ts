import { expect, test } from "vitest";
import { hintsFor } from "../../../../compiler/typecheck/hints.js";

const EVENT = "{ readonly port: u16; readonly family: u16; from?: { port: number; inner: u16; } | undefined; big: bigint; }";

function hints(code: string, text: string, word = ""): readonly string[] {
  return hintsFor({ path: "/s.ts", line: 1, column: 1, code, text, elaboration: [], printed: "" }, word);
}

test("a field that does not exist: the nearest, else all of the outermost level", () => {
  expect(hints("TS2339", `Property 'prot' does not exist on type '${EVENT}'.`)).toEqual(["did you mean port?"]);
  expect(hints("TS2339", `Property 'nothinglikeit' does not exist on type '${EVENT}'.`)).toEqual([
    "the fields are port, family, from, big",
  ]);
});

test("a column that is no field", () => {
  const text = `Type '"prot"' is not assignable to type 'Column<${EVENT}>'.`;
  const other = "other headings and computed cells: { HEADING: (e) => … }";
  expect(hints("TS2322", text, '"prot"')).toEqual(['did you mean "port"?', other]);
  expect(hints("TS2322", text, '"xyzzy"')).toEqual(["the event's fields are port, family, from, big", other]);
  expect(hints("TS2820", `${text} Did you mean '"port"'?`, '"prot"')).toEqual([other]);
});

test("mixed integers, and only those", () => {
  const hint = "64-bit values are bigint: write constants with n (1000n), or convert with Number(x) or BigInt(x)";
  expect(hints("TS2365", "Operator '+' cannot be applied to types 'ptr' and 'u16'.")).toEqual([hint]);
  expect(hints("TS2365", "Operator '+' cannot be applied to types 'Date' and 'u16'.")).toEqual([]);
});

test("what it does not know it leaves to tsc", () => {
  expect(hints("TS2322", "Type 'string' is not assignable to type 'number'.")).toEqual([]);
  expect(hints("TS2339", "Property 'x' does not exist on type 'Date'.")).toEqual([]);
});
