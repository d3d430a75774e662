import { expect, test } from "vitest";
import { findPlace } from "../../../../compiler/clang/place.js";
import type { SourceFile } from "../../../../diagnostics/span.js";
import { textOf } from "./support.js";

const file: SourceFile = { path: "/s/a.ts", text: "if (x) {\n  a(); b();\n  return {\n    pid: 1,\n  };\n}\n" };
const at = (text: string, length = text.length) => {
  const start = file.text.indexOf(text);
  return { file, start, end: start + length };
};
const statements = [at("if", file.text.length - 1), at("a();"), at("b();"), at("return", 24)];
const place = (line: number, path = file.path) => textOf(findPlace(statements, path, line));

test("statements that begin on the line, within the line", () => {
  expect(place(1)).toBe("if (x) {");
  expect(place(2)).toBe("a(); b();");
  expect(place(3)).toBe("return {");
});

test("a line inside a statement is itself", () => expect(place(4)).toBe("pid: 1,"));

test("no place in other files, nor on line 0", () => {
  expect(place(1, "/s/b.ts")).toBeUndefined();
  expect(place(0)).toBeUndefined();
});
