import { writeFileSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DiagnosticError } from "../../diagnostics/diagnostic.js";
import { positionAt } from "../../diagnostics/span.js";
import { openLibbpf } from "../../runtime/libbpf/library.js";
import { BpfObject } from "../../runtime/libbpf/object.js";
import { buildObject, findTestClang } from "../fixtures/bpf/build.js";
import { WRONG_PROGRAMS, WRONG_SCRIPT, wrongProgram } from "../fixtures/bpf/wrong.js";
import { WRONG_CASES } from "../fixtures/verifier/cases.js";

const [major = 0, minor = 0] = release().split(".").map(Number);
const clang = findTestClang();
const reason = process.getuid?.() !== 0 ? "needs root" : clang === undefined ? "needs clang" : undefined;
if (reason !== undefined) console.log(`skipped: ${reason}`);

/** Set to a folder to record the logs of this kernel there: how test/fixtures/verifier/*.log were made. */
const record = process.env.TSPROBE_RECORD_LOGS;

function load(name: string): BpfObject {
  const object = buildObject(`wrong/${name}.c`, { script: WRONG_SCRIPT.path });
  return BpfObject.load({ libbpf: openLibbpf(), object, program: wrongProgram(name), log: () => {} });
}

test("there is an expectation for every wrong program", () => {
  expect(Object.keys(WRONG_CASES).sort()).toEqual([...WRONG_PROGRAMS].sort());
});

test.skipIf(reason !== undefined).each(Object.entries(WRONG_CASES))("this kernel on %s", (name, expected) => {
  const [untilMajor, untilMinor] = expected.until ?? [Number.POSITIVE_INFINITY, 0];
  if (major > untilMajor || (major === untilMajor && minor > untilMinor)) {
    load(name).close(); // right on this kernel: that, too, is a statement about it
    return;
  }
  let thrown: unknown;
  try {
    load(name).close();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(DiagnosticError);
  const [diagnostic] = (thrown as DiagnosticError).diagnostics;
  if (record !== undefined) writeFileSync(join(record, `${name}.${major}.${minor}.log`), diagnostic?.details ?? "");
  expect(diagnostic).toMatchObject({ code: expected.code, failure: expected.failure ?? "verifier", message: expected.message });
  expect(diagnostic?.span?.file.path).toBe(WRONG_SCRIPT.path);
  expect([expected.line].flat()).toContain(positionAt(WRONG_SCRIPT, diagnostic?.span?.start ?? -1).line);
  expect(diagnostic?.hints?.join("\n")).toMatch(expected.says);
});
