import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
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

/** An ELF header that says so much; the rest of the file is zero. */
function elfFile(name: string, { machine, sectionsAt, size }: { machine: number; sectionsAt: number; size: number }): string {
  const bytes = Buffer.alloc(size);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  bytes.writeUInt16LE(3, 16); // e_type: shared object
  bytes.writeUInt16LE(machine, 18);
  bytes.writeBigUInt64LE(BigInt(sectionsAt), 40);
  bytes.writeUInt16LE(64, 58);
  bytes.writeUInt16LE(2, 60);
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const OWN = process.arch === "arm64" ? 183 : 62;
const OTHER = OWN === 62 ? 183 : 62;

describe("a file that must not be mapped, or cannot be", () => {
  test.each([
    ["cut off", { machine: OWN, sectionsAt: 4000, size: 2000 }, "it is cut off: 2000 of 4128 bytes"],
    [
      "of another machine",
      { machine: OTHER, sectionsAt: 64, size: 192 },
      /^it is for (arm64|x86-64), and this machine is (x86-64|arm64)$/,
    ],
  ])("%s", (name, what, expected) => {
    const path = elfFile(`${name}.so`, what);
    const named = refusal({ environment: { TSPROBE_LIBBPF: path } });
    const [, reason] = /^TSPROBE_LIBBPF names a library that does not load: .*\.so \((.*)\)$/.exec(named?.message ?? "") ?? [];
    expect(reason).toMatch(expected);
    // The bundled one gives way to the system's.
    const both = () => openLibbpf({ environment: {}, bundled: [path], system: "libbpf-not-there.so.1" });
    expect(both).toThrow(/libbpf is not installed[\s\S]*the libbpf that comes with tsprobe does not load: .* \(it is /);
  });

  test("no library at all", () => {
    const path = join(folder, "text.so");
    writeFileSync(path, "text\n");
    expect(refusal({ environment: { TSPROBE_LIBBPF: path } })?.message).toContain(`${path} (not an ELF file)`);
  });
});

test("what the system's is taken instead of is told", (context) => {
  if (compiler === undefined) context.skip("needs a C compiler");
  const system = makeLibrary("libbpf-system.so", 'const char *libbpf_version_string(void) { return "v1.3"; }');
  const bundled = elfFile("damaged.so", { machine: OWN, sectionsAt: 4000, size: 2000 });
  expect(openLibbpf({ environment: {}, bundled: [bundled], system })).toMatchObject({
    origin: "system",
    instead: `the libbpf that comes with tsprobe does not load: ${bundled} (it is cut off: 2000 of 4128 bytes)`,
  });
});

test("a name without a slash is a file of the working directory, if there is one", (context) => {
  if (compiler === undefined) context.skip("needs a C compiler");
  const path = makeLibrary("libbpf-here.so", 'const char *libbpf_version_string(void) { return "v1.4"; }');
  const before = process.cwd();
  onTestFinished(() => process.chdir(before));
  process.chdir(folder);
  expect(openLibbpf({ environment: { TSPROBE_LIBBPF: "libbpf-here.so" } }).path).toBe(path);
  expect(refusal({ environment: { TSPROBE_LIBBPF: "libbpf-away.so" } })?.details).toContain("libbpf-away.so");
});
