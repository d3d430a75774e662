import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Diagnostic } from "../../../diagnostics/diagnostic.js";
import { DiagnosticError } from "../../../diagnostics/diagnostic.js";
import { type LibbpfChoice, openLibbpf } from "../../../runtime/libbpf/library.js";

function refusal(choice: LibbpfChoice): Diagnostic | undefined {
  try {
    openLibbpf(choice);
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics[0];
    throw error;
  }
  return undefined;
}

let folder: string;
let compiler: string | undefined;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tsprobe-libbpf-"));
  compiler = ["cc", "gcc", "clang"].find((name) => {
    try {
      execFileSync(name, ["--version"], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A shared object that says to be libbpf of some version. */
function makeLibrary(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(`${path}.c`, text);
  execFileSync(compiler as string, ["-shared", "-fPIC", "-o", path, `${path}.c`]);
  return path;
}

test("no libbpf: the command that installs it", () => {
  expect(refusal({ environment: {}, bundled: [], system: "libbpf-not-there.so.1" })).toMatchObject({
    code: "TSP6001",
    failure: "load",
    message: "libbpf is not installed (libbpf.so.1): it loads the programs into the kernel",
    hints: [expect.stringContaining("sudo apt-get install libbpf1"), expect.stringContaining("TSPROBE_LIBBPF=")],
    details: expect.stringContaining("libbpf-not-there.so.1"),
  });
});

test("TSPROBE_LIBBPF that does not load is not passed over", () => {
  expect(refusal({ environment: { TSPROBE_LIBBPF: "/no/such/libbpf.so.1" } })).toMatchObject({
    code: "TSP6001",
    message: "TSPROBE_LIBBPF names a library that does not load: /no/such/libbpf.so.1",
  });
});

test("the first bundled library that exists is taken before the system's", (context) => {
  if (compiler === undefined) context.skip("needs a C compiler");
  const bundled = makeLibrary("libbpf-bundled.so", 'const char *libbpf_version_string(void) { return "v1.5"; }');
  const libbpf = openLibbpf({ environment: {}, bundled: [join(folder, "absent.so"), bundled], system: "libbpf-not-there.so.1" });
  expect(libbpf).toMatchObject({ origin: "bundled", path: bundled, version: "1.5" });
  const named = makeLibrary("libbpf-named.so", 'const char *libbpf_version_string(void) { return "v1.7"; }');
  expect(openLibbpf({ environment: { TSPROBE_LIBBPF: named }, bundled: [bundled] })).toMatchObject({
    origin: "environment",
    version: "1.7",
  });
});

test("a library that is too old, or another one, is refused", (context) => {
  if (compiler === undefined) context.skip("needs a C compiler");
  const old = makeLibrary("libbpf-old.so", 'const char *libbpf_version_string(void) { return "v0.8"; }');
  expect(refusal({ environment: {}, bundled: [old] })).toMatchObject({
    code: "TSP6002",
    message: "libbpf 0.8 is too old: tsprobe needs 1.0 or newer",
  });
  const other = makeLibrary("other.so", "int nothing;");
  expect(refusal({ environment: { TSPROBE_LIBBPF: other } })).toMatchObject({
    code: "TSP6002",
    message: `${other} is not a libbpf that tsprobe can use`,
  });
});
