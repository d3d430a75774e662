import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliDecompressSync } from "node:zlib";
import { expect, test } from "vitest";

const toolchain = fileURLToPath(new URL("../../../toolchain/clang-wasm/", import.meta.url));

/** The module's sections of an id, and of a name where it is a custom one. */
function sections(module: Buffer): { id: number; body: Buffer }[] {
  const found: { id: number; body: Buffer }[] = [];
  let at = 8;
  const number = () => {
    let [value, shift] = [0, 0];
    for (;;) {
      const byte = module[at++] as number;
      value += (byte & 127) * 2 ** shift;
      shift += 7;
      if (byte < 128) return value;
    }
  };
  while (at < module.length) {
    const id = module[at++] as number;
    const size = number();
    found.push({ id, body: module.subarray(at, at + size) });
    at += size;
  }
  return found;
}

test("the module names what V8 is to compile at once, and only a part of it", () => {
  const module = brotliDecompressSync(readFileSync(join(toolchain, "clang-bpf.wasm.br")));
  const list = sections(module);
  const hints = list.findIndex(({ id, body }) => id === 0 && body.toString("latin1", 1, 17) === "compilationHints");
  // V8 looks for it before the code.
  expect(hints).toBeGreaterThan(0);
  expect(hints).toBeLessThan(list.findIndex(({ id }) => id === 10));
  const counts = new Map<number, number>();
  for (const hint of list[hints]?.body.subarray(20) ?? []) counts.set(hint, (counts.get(hint) ?? 0) + 1);
  expect([...counts.keys()].sort()).toEqual([1, 2]);
  expect(counts.get(2)).toBeGreaterThan(8_000);
  expect(counts.get(2)).toBeLessThan(20_000);
});

// Half a minute of work on a busy machine: nearly all of clang's code that a compile runs is moved, and must do the same.
test("code that is moved into functions of its own does the same", { timeout: 300_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "tsprobe-split-"));
  try {
    const module = join(folder, "module.wasm");
    writeFileSync(module, brotliDecompressSync(readFileSync(join(toolchain, "clang-bpf.wasm.br"))));
    const args = ["--no-warnings", join(toolchain, "check-split.mjs"), module, join(toolchain, "train/tcpstates.bpf.c")];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const result = JSON.parse(stdout);
    expect(result.same).toBe(true);
    expect(result.regions).toBeGreaterThan(5_000);
    expect(result.object).toBeGreaterThan(10_000);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
