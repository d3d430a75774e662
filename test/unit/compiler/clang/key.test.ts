import { describe, expect, test } from "vitest";
import type { BpfCompiler } from "../../../../compiler/clang/compiler.js";
import { objectKey } from "../../../../compiler/clang/key.js";
import { filesOf } from "../../../../compiler/clang/place.js";
import { GOOD_BODY, GOOD_SCRIPT, programOf } from "./support.js";

const compiler: BpfCompiler = {
  kind: "native",
  description: "",
  identity: "one",
  compile: () => Promise.reject(new Error("not asked")),
};

function keyOf(lines: readonly string[], options: { path?: string; body?: string; identity?: string } = {}): string {
  const program = programOf({ path: options.path ?? '/a "b"/script.ts', text: lines.join("\n") }, options.body ?? GOOD_BODY);
  return objectKey({ text: program.c, files: filesOf(program.statements) }, { ...compiler, identity: options.identity ?? "one" });
}

function edited(line: number, text: string): string[] {
  return GOOD_SCRIPT.map((old, index) => (index === line - 1 ? text : old));
}

describe("an object's key", () => {
  const key = keyOf(GOOD_SCRIPT);

  test("is the same for the same input", () => expect(keyOf([...GOOD_SCRIPT])).toBe(key));
  test("follows the C text", () => expect(keyOf(GOOD_SCRIPT, { body: GOOD_BODY.replace("now >", "now <") })).not.toBe(key));
  test("follows the compiler", () => expect(keyOf(GOOD_SCRIPT, { identity: "two" })).not.toBe(key));
  test("follows the script's path, which the object names", () =>
    expect(keyOf(GOOD_SCRIPT, { path: "/c/script.ts" })).not.toBe(key));
  test("follows the script's lines that the object quotes", () => {
    expect(keyOf(edited(2, "  const now = ktimeNs(); // renamed"))).not.toBe(key);
  });
  test("does not follow the rest of the script", () => {
    expect(keyOf([...GOOD_SCRIPT, "table(states, ['pid']);"])).toBe(key);
  });
});
