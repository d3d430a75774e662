import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DiagnosticError } from "../../../diagnostics/diagnostic.js";
import { openKernelBtf } from "../../../kernel/kernel-btf.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tsprobe-btf-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function diagnosticOf(path: string) {
  try {
    openKernelBtf(path);
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics[0];
    throw error;
  }
  throw new Error("it was opened");
}

describe("openKernelBtf", () => {
  it("says what to do when the kernel has none", () => {
    const diagnostic = diagnosticOf(join(folder, "vmlinux"));
    expect(diagnostic).toMatchObject({ code: "TSP1211", failure: "kernel" });
    expect(diagnostic?.hints?.[0]).toMatch(/5\.8 .*CONFIG_DEBUG_INFO_BTF=y/);
  });

  it("does not take something else for BTF", () => {
    writeFileSync(join(folder, "text"), "this is no BTF, but long enough to hold a header");
    expect(diagnosticOf(join(folder, "text"))).toMatchObject({
      code: "TSP1212",
      failure: "kernel",
      message: expect.stringContaining("magic"),
    });
  });

  it("names the error of an unreadable file", () => {
    expect(diagnosticOf(folder)).toMatchObject({ code: "TSP1212", message: expect.stringContaining("EISDIR") });
  });
});
