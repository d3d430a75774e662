import { expect, test } from "vitest";
import { usesNoHost } from "../../../../compiler/typecheck/node-types.js";

const file = (text: string) => ({ path: "/x/s.ts", text });

test.each([
  ['import { table } from "tsprobe"; import { a } from "./b.js"; import type { C } from "../c.js";', true],
  ['import { AF_INET } from "tsprobe/kernel"; const consoles = 1;', true],
  // tcpstates has a field and a string of that name.
  ['import { table } from "tsprobe"; table(states, [["from", { A: { value: "from", width: 11 } }]]);', true],
  ['export { a } from "./b.js"; const from = "x";', true],
  ['import { readFileSync } from "node:fs";', false],
  ['import {\n  readFileSync,\n} from "node:fs";', false],
  ['export * from "some-package";', false],
  ['import fs from "fs";', false],
  ['import "./side-effect.js";', false],
  ["s.on((e) => console.log(e));", false],
  ["setTimeout(() => {}, 5);", false],
  ["const here = import.meta.url;", false],
  ['const m = await import("./x.js");', false],
])("%s", (text, expected) => {
  expect(usesNoHost([file(text)])).toBe(expected);
  expect(usesNoHost([file("const x = 1;"), file(text)])).toBe(expected);
});

test("nothing is known of files that were not given", () => {
  expect(usesNoHost([])).toBe(false);
});
