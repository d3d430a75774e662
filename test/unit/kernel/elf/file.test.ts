import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, realpathSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ElfFile, openDebugFile, openElf, readDebugLink, readElf } from "../../../../kernel/elf/index.js";
import { describeWhere, requireTool } from "../../../e2e/harness/requirements.js";
import { type CProgram, compileC } from "../../../fixtures/c-program.js";

const SOURCE = `#include <stdio.h>
int shared_value = 7;
static __attribute__((noinline)) int inner(int x) { asm volatile(""); return x + 1; }
__attribute__((weak, noinline)) int outer(int x) { return inner(x) * 2; }
int main(int argc, char **argv) { printf("%d %p\\n", outer(argc), (void *)main); return 0; }
`;

const needsGcc = [requireTool("gcc")];

const LIBC = realpathSync(/ (\/\S*libc\.so\.6)$/m.exec(readFileSync("/proc/self/maps", "utf8"))?.[1] ?? "/bin/sh");

/** What nm prints of the defined symbols: lines "address type name". */
function nm(path: string, ...flags: string[]): { address: number; name: string }[] {
  const text = execFileSync("nm", ["--defined-only", "--format=posix", ...flags, path], { encoding: "utf8", maxBuffer: 1 << 28 });
  return text
    .trimEnd()
    .split("\n")
    .map((line) => {
      const [name = "", , address = ""] = line.split(" ");
      return { address: Number.parseInt(address, 16), name: name.replace(/@.*/, "") };
    });
}

function withElf<T>(path: string, use: (elf: ElfFile) => T): T {
  const elf = openElf(path);
  try {
    return use(elf);
  } finally {
    elf.close();
  }
}

describeWhere(needsGcc, "ELF files of gcc", () => {
  let program: CProgram;
  let fixed: CProgram;
  let object: CProgram;
  beforeAll(() => {
    program = compileC(SOURCE, { flags: ["-g"] });
    fixed = compileC(SOURCE, { name: "fixed", flags: ["-no-pie"] });
    object = compileC(SOURCE, { name: "object.o", flags: ["-c"] });
  });
  afterAll(() => {
    for (const each of [program, fixed, object]) each?.remove();
  });

  test.each([
    ["a position-independent program", () => program],
    ["a program at fixed addresses", () => fixed],
  ])("%s: every defined symbol is where nm says", (_, compiled) => {
    const { path } = compiled();
    const expected = nm(path).filter(({ name }) => name !== "");
    expect(expected.length).toBeGreaterThan(20);
    withElf(path, (elf) => {
      const ours = [...(elf.symbols("symtab") ?? [])];
      for (const { name, address } of expected)
        expect(
          ours.some((symbol) => symbol.name === name && symbol.address === address),
          `${name} at ${address}`,
        ).toBe(true);
    });
  });

  test("kinds, bindings and sizes", () => {
    withElf(program.path, (elf) => {
      expect(elf.symbol("main")).toMatchObject({ type: "func", binding: "global", isDefault: true });
      expect(elf.symbol("inner")).toMatchObject({ type: "func", binding: "local" });
      expect(elf.symbol("outer")).toMatchObject({ type: "func", binding: "weak" });
      expect(elf.symbol("shared_value")).toMatchObject({ type: "object", size: 4 });
      expect(elf.symbol("main")?.size).toBeGreaterThan(10);
      expect(elf.symbol("printf"), "is defined elsewhere").toBeUndefined();
      expect(elf.symbol("ain"), "is the end of another name").toBeUndefined();
    });
  });

  test.each([
    ["a position-independent program", () => program],
    ["a program at fixed addresses", () => fixed],
    ["an object file", () => object],
  ])("%s: the bytes at a symbol's offset are the variable's", (_, compiled) => {
    const { path } = compiled();
    withElf(path, (elf) => {
      const symbol = elf.symbol("shared_value");
      expect(symbol).toBeDefined();
      const offset = symbol === undefined ? undefined : elf.symbolOffset(symbol);
      expect(offset).toBeGreaterThan(0);
      expect(readFileSync(path).readInt32LE(offset)).toBe(7);
    });
  });

  test("virtual address and file offset are each other's inverse, and no segment holds what lies beyond", () => {
    withElf(program.path, (elf) => {
      const main = elf.symbol("main")?.address as number;
      const offset = elf.fileOffset(main) as number;
      expect(elf.virtualAddress(offset, { executable: true })).toBe(main);
      const data = elf.symbol("shared_value")?.address as number;
      expect(elf.fileOffset(data)).not.toBe(data); // this segment is moved by a page
      expect(elf.fileOffset(2 ** 40)).toBeUndefined();
      expect(elf.virtualAddress(2 ** 40)).toBeUndefined();
    });
  });

  test("the build id is the one that readelf prints", () => {
    const wanted = /Build ID: ([0-9a-f]+)/.exec(execFileSync("readelf", ["-n", program.path], { encoding: "utf8" }))?.[1];
    expect(wanted).toMatch(/^[0-9a-f]{40}$/);
    withElf(program.path, (elf) => expect(elf.buildId).toBe(wanted));
  });

  test("a debug file is found by its link in .debug, and only the one of this build", () => {
    const stripped = join(program.folder, "stripped");
    const debug = join(program.folder, ".debug", "stripped.debug");
    mkdirSync(join(program.folder, ".debug"));
    execFileSync("objcopy", ["--only-keep-debug", program.path, debug]);
    execFileSync("objcopy", ["--strip-all", `--add-gnu-debuglink=${debug}`, program.path, stripped]);
    withElf(stripped, (elf) => {
      expect(readDebugLink(elf)?.name).toBe("stripped.debug");
      expect(elf.symbol("inner")).toBeUndefined();
      const found = openDebugFile(elf, stripped);
      expect(found?.symbol("inner")?.address).toBe(withElf(program.path, (whole) => whole.symbol("inner")?.address));
      found?.close();
      execFileSync("objcopy", ["--only-keep-debug", fixed.path, debug]);
      expect(openDebugFile(elf, stripped)).toBeUndefined();
      rmSync(debug);
      expect(openDebugFile(elf, stripped)).toBeUndefined();
    });
  });

  test("without build ids the checksum decides", () => {
    const plain = compileC(SOURCE, { name: "plain", flags: ["-Wl,--build-id=none"] });
    try {
      const debug = join(plain.folder, "plain.debug");
      execFileSync("objcopy", ["--only-keep-debug", plain.path, debug]);
      execFileSync("objcopy", ["--strip-all", `--add-gnu-debuglink=${debug}`, plain.path]);
      withElf(plain.path, (elf) => {
        expect(elf.buildId).toBeUndefined();
        const found = openDebugFile(elf, plain.path);
        expect(found?.symbol("inner")).toBeDefined();
        found?.close();
        writeFileSync(debug, Buffer.concat([readFileSync(debug), Buffer.from([1])]));
        expect(openDebugFile(elf, plain.path)).toBeUndefined();
      });
    } finally {
      plain.remove();
    }
  });

  test("what is not ELF, or cut off, is refused in words", () => {
    const cut = join(program.folder, "cut");
    writeFileSync(cut, readFileSync(program.path));
    truncateSync(cut, 200);
    withElf(cut, (elf) => {
      expect(() => elf.segments).toThrow(/^the file is damaged: /);
      expect(() => elf.sections).toThrow(/^the file is damaged: /);
    });
    expect(() => openElf(join(program.folder, "program.c"))).toThrow("not an ELF file");
    expect(() => openElf("/dev/zero")).toThrow("not a regular file");
    expect(() => openElf(join(program.folder, "none"))).toThrow(/ENOENT/);
    const bytes = readFileSync(program.path);
    bytes[5] = 2;
    expect(() => readElf(bytes)).toThrow("ELF of a big-endian machine");
    const closed = openElf(program.path);
    closed.close();
    expect(() => closed.sections).toThrow("the file was closed before this part was read");
  });

  test("damaged bytes anywhere give an ElfError or other symbols, never a crash", () => {
    const good = readFileSync(fixed.path);
    let seed = 1;
    const next = (below: number) => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      return (seed >>> 8) % below;
    };
    for (let round = 0; round < 300; round++) {
      const bytes = Buffer.from(good);
      for (let i = 0; i < 4; i++) bytes[next(round % 2 === 0 ? 64 : bytes.length)] = next(256);
      for (let i = 0; i < 2; i++) bytes[bytes.length - 1 - next(64 * 30)] = next(256); // section headers
      try {
        const elf = readElf(bytes);
        elf.symbol("main");
        elf.fileOffset(0x401000);
        void elf.notes;
        void elf.buildId;
        readDebugLink(elf);
      } catch (error) {
        expect((error as Error).name, String((error as Error).stack)).toBe("ElfError");
      }
    }
  });
});

describeWhere(needsGcc, "libraries of this system", () => {
  test("libc: every symbol that nm -D lists, and the default of several versions", () => {
    const expected = nm(LIBC, "-D").filter(({ address }) => address !== 0);
    expect(expected.length).toBeGreaterThan(1000);
    withElf(LIBC, (elf) => {
      const table = elf.symbols("dynsym");
      const ours = new Set([...(table ?? [])].map(({ name, address }) => `${name} ${address}`));
      expect(expected.filter(({ name, address }) => !ours.has(`${name} ${address}`))).toEqual([]);
      const several = table?.named("pthread_cond_wait") ?? [];
      expect(several.filter(({ isDefault }) => isDefault)).toHaveLength(1);
      expect(elf.symbol("getpid")).toMatchObject({ name: "getpid" });
      expect(elf.symbol("memcpy")?.type).toBe("ifunc");
    });
  });

  test("notes of sections that are in no segment are read too", () => {
    const notes = (path: string) => {
      const text = execFileSync("readelf", ["-nW", path], { encoding: "utf8" });
      return [...text.matchAll(/^ {2}(\S+) +0x[0-9a-f]+\t/gm)].map((match) => match[1]);
    };
    const expected = notes(LIBC);
    expect(expected.length).toBeGreaterThan(1);
    withElf(LIBC, (elf) => expect(elf.notes.map(({ owner }) => owner)).toEqual(expected));
  });
});
