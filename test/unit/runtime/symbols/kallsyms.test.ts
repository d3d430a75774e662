import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { KernelSymbols } from "../../../../runtime/symbols/kallsyms.js";

const folder = mkdtempSync(join(tmpdir(), "tsprobe-kallsyms-"));
afterAll(() => rmSync(folder, { recursive: true }));

const TEXT = `0000000000000000 A fixed_percpu_data
0000000000001000 A cpu_debug_store
ffffffff81000000 T _stext
ffffffff81000000 T alias_of_it
ffffffff81000040 t one
ffffffff81000100 T two
ffffffffc0400000 t late_in_module\t[nf_tables]
ffffffffc0200010 t second\t[nfnetlink]
ffffffffc0200000 t first\t[nfnetlink]
ffffffffc0600000 t bpf_prog_6deef7357e7b4530_states\t[bpf]
`;

function symbolsOf(text: string, now?: () => number): { readonly path: string; readonly symbols: KernelSymbols } {
  const path = join(folder, `kallsyms-${Math.random()}`);
  writeFileSync(path, text);
  return { path, symbols: new KernelSymbols(path, now) };
}

describe("KernelSymbols", () => {
  test.each([
    [0xffffffff81000000n, { name: "_stext", offset: 0, module: undefined }],
    [0xffffffff8100003fn, { name: "_stext", offset: 0x3f, module: undefined }],
    [0xffffffff81000040n, { name: "one", offset: 0, module: undefined }],
    [0xffffffff81000123n, { name: "two", offset: 0x23, module: undefined }],
    [0xffffffffc0200008n, { name: "first", offset: 8, module: "nfnetlink" }],
    [0xffffffffc0200011n, { name: "second", offset: 1, module: "nfnetlink" }],
    [0xffffffffc0400001n, { name: "late_in_module", offset: 1, module: "nf_tables" }],
    [0xffffffffc0600004n, { name: "bpf_prog_6deef7357e7b4530_states", offset: 4, module: "bpf" }],
    // Below all, in the user's half, and far behind a symbol: unknown.
    [0xffffffff80ffffffn, undefined],
    [0x1000n, undefined],
    [0xffffffff90000000n, undefined],
    [0xffffffffc0380000n, undefined],
    [0xffffffffffffffffn, undefined],
  ])("%s", (address, expected) => {
    expect(symbolsOf(TEXT).symbols.find(address)).toEqual(expected);
  });

  test("hidden addresses are all zero: nothing is found, and that is told", () => {
    const { symbols } = symbolsOf(TEXT.replace(/^[0-9a-f]{16}/gm, "0000000000000000"));
    expect(symbols.areHidden).toBe(true);
    expect(symbols.find(0xffffffff81000000n)).toBeUndefined();
    expect(symbolsOf(TEXT).symbols.areHidden).toBe(false);
  });

  test("without the file, as hidden", () => {
    expect(new KernelSymbols(join(folder, "none")).areHidden).toBe(true);
  });

  test("read in the background they are the same", async () => {
    const { path, symbols } = symbolsOf(TEXT);
    await symbols.preload();
    writeFileSync(path, "");
    expect(symbols.find(0xffffffff81000040n)?.name).toBe("one");
  });

  test("a module loaded since is found after a while, without reading again for each unknown address", () => {
    let now = 0;
    const { path, symbols } = symbolsOf(TEXT, () => now);
    expect(symbols.find(0xffffffffc0a00000n)).toBeUndefined();
    writeFileSync(path, `${TEXT}ffffffffc0a00000 t newcomer\t[late]\n`);
    now = 1_000;
    expect(symbols.find(0xffffffffc0a00000n)).toBeUndefined();
    now = 3_000;
    expect(symbols.find(0xffffffffc0a00000n)).toEqual({ name: "newcomer", offset: 0, module: "late" });
  });

  test("of this kernel: each symbol is found at its address, as the first one that stands there", ({ skip }) => {
    const first = new Map<bigint, string>();
    for (const line of readFileSync("/proc/kallsyms", "utf8").split("\n")) {
      const [address = "", , rest = ""] = line.split(" ");
      const value = address === "" ? 0n : BigInt(`0x${address}`);
      if (value >= 0xffff000000000000n && !first.has(value)) first.set(value, rest.split("\t")[0] as string);
    }
    if (first.size === 0) skip("this kernel hides its symbols from us");
    const symbols = new KernelSymbols();
    const wrong = [...first].filter(([address, name]) => symbols.find(address)?.name !== name);
    // Programs of other tests come and go.
    expect(wrong.filter(([, name]) => !/bpf|ftrace/.test(name))).toEqual([]);
    expect(first.size).toBeGreaterThan(10_000);
  });
});
