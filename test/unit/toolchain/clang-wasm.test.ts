import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findArtifact } from "../../../compiler/clang/wasm/artifact.js";
import { temporaryDirectory } from "../compiler/clang/support.js";

const folder = new URL("../../../toolchain/clang-wasm", import.meta.url).pathname;

test("the module is the one that its checksum names", () => {
  const found = findArtifact();
  expect(found?.path).toBe(join(folder, "clang-bpf.wasm.br"));
  const module = readFileSync(join(folder, "clang-bpf.wasm.br"));
  expect(createHash("sha256").update(module).digest("hex")).toBe(found?.sha256);
  expect(module.length).toBeLessThan(8 * 1024 * 1024);
});

test("a folder without it is no installation with an embedded clang", () => {
  expect(findArtifact(temporaryDirectory())).toBeUndefined();
});

test("the recipe can be run", () => {
  for (const script of ["build.sh", "finish.sh"]) expect(statSync(join(folder, script)).mode & 0o111).not.toBe(0);
  expect(readFileSync(join(folder, "LICENSE-LLVM.txt"), "utf8")).toContain("Apache License");
});
