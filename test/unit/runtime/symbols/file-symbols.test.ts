import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openElf } from "../../../../kernel/elf/index.js";
import { readFileSymbols } from "../../../../runtime/symbols/file-symbols.js";
import { describeWhere, requireTool } from "../../../e2e/harness/requirements.js";
import { type CProgram, compileC } from "../../../fixtures/c-program.js";

const SOURCE = `__attribute__((noinline)) static int inner(int x) { asm volatile(""); return x + 1; }
__attribute__((noinline)) int __outer(int x) { return inner(x) * 2; }
int outer(int x) __attribute__((alias("__outer")));
int counter = 7, table[16];
asm(".text\\n.global label\\nlabel: nop\\nnop\\nret\\n.global after\\nafter: ret\\n");
int main(int argc, char **argv) { return outer(argc) + counter + table[argc]; }
`;

const needsGcc = [requireTool("gcc")];

function symbolsOf(path: string, debugPath?: string) {
  const elf = openElf(path);
  try {
    return readFileSymbols(elf, () => (debugPath === undefined ? undefined : openElf(debugPath)));
  } finally {
    elf.close();
  }
}

describeWhere(needsGcc, "readFileSymbols", () => {
  let program: CProgram;
  /** Of nm: symbols with a size. */
  let sized: { start: number; size: number; name: string }[];
  beforeAll(() => {
    program = compileC(SOURCE, { flags: ["-O1"] });
    sized = execFileSync("nm", ["-S", "--defined-only", program.path], { encoding: "utf8" })
      .split("\n")
      .map((line) => line.split(" "))
      .filter((words) => words.length === 4)
      .map(([address = "", size = "", , name = ""]) => ({
        start: Number.parseInt(address, 16),
        size: Number.parseInt(size, 16),
        name,
      }));
  });
  afterAll(() => program?.remove());

  test("each function and variable that nm gives a size, from its first byte to its last", () => {
    const { table } = symbolsOf(program.path);
    expect(sized.map(({ name }) => name)).toEqual(expect.arrayContaining(["main", "inner", "counter", "table", "_start"]));
    for (const { start, size } of sized) {
      const names = sized.filter((other) => other.start === start).map(({ name }) => name);
      for (const place of [start, start + size - 1]) {
        const found = table.find(place);
        expect(found?.start).toBe(start);
        expect(names).toContain(found?.name);
      }
    }
  });

  test("of two names for one function the plainer one; behind a function that has a size, nothing", () => {
    const { table } = symbolsOf(program.path);
    const outer = sized.find(({ name }) => name === "__outer") as { start: number; size: number };
    expect(table.find(outer.start)?.name).toBe("outer");
    const counter = sized.find(({ name }) => name === "table") as { start: number; size: number };
    expect(table.find(counter.start + counter.size)).toBeUndefined();
  });

  test("labels of assembly, which have no size, reach to the next one", () => {
    const { table } = symbolsOf(program.path);
    const text = execFileSync("nm", [program.path], { encoding: "utf8" });
    const at = (name: string) => Number.parseInt(new RegExp(`^([0-9a-f]+) T ${name}$`, "m").exec(text)?.[1] ?? "", 16);
    expect(table.find(at("label") + 2)).toEqual({ name: "label", start: at("label") });
    expect(table.find(at("after"))).toEqual({ name: "after", start: at("after") });
  });

  test("a stripped file has the symbols of its debug file, else those that others link to", () => {
    const [debug, stripped] = [`${program.path}.debug`, `${program.path}-stripped`];
    execFileSync("objcopy", ["--only-keep-debug", program.path, debug]);
    execFileSync("objcopy", ["--strip-all", program.path, stripped]);
    const inner = sized.find(({ name }) => name === "inner") as { start: number };
    expect(symbolsOf(stripped, debug).table.find(inner.start)?.name).toBe("inner");
    expect(symbolsOf(stripped).table.find(inner.start)).toBeUndefined();
  });

  test("names lose the versions that .symtab shows with them", () => {
    const script = join(program.folder, "versions");
    writeFileSync(script, "V1 { global: versioned; };\n");
    const library = compileC('int __made(void) { return 1; }\n__asm__(".symver __made, versioned@@V1");\n', {
      name: "versioned.so",
      flags: ["-shared", "-fPIC", `-Wl,--version-script=${script}`],
    });
    try {
      const line = / T versioned@@V1$/m.exec(execFileSync("nm", [library.path], { encoding: "utf8" }));
      const text = line?.input.slice(0, line.index).split("\n").at(-1) ?? "";
      expect(symbolsOf(library.path).table.find(Number.parseInt(text, 16))?.name).toBe("versioned");
    } finally {
      library.remove();
    }
  });
});
