import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { COMPILER_FLAGS, driverArguments } from "../../../../compiler/clang/flags.js";
import { nativeCompiler } from "../../../../compiler/clang/native.js";
import { describeWhere } from "../../../e2e/harness/requirements.js";
import {
  GOOD_BODY,
  GOOD_SCRIPT,
  installedClangs,
  PRELUDE,
  programOf,
  requireClang,
  scriptFile,
  temporaryDirectory,
} from "./support.js";

/** The arguments of the -cc1 line that a driver would run, from the quoted form -### prints. */
function cc1Line(clang: string): string[] {
  const { stderr } = spawnSync(clang, [...driverArguments("object"), "-###"], { input: "", encoding: "utf8" });
  const line = stderr.split("\n").find((text) => text.includes('"-cc1"')) ?? "";
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((match) => match[1] as string);
}

function hasInOrder(line: readonly string[], wanted: readonly string[]): boolean {
  return line.some((_, at) => wanted.every((flag, index) => line[at + index] === flag));
}

describe.each(installedClangs.length > 0 ? installedClangs : ["any"])("%s", (clang) => {
  describeWhere([requireClang], "flags", () => {
    test("the -cc1 column is what the driver makes of the driver column", () => {
      const line = cc1Line(clang);
      expect(line).toContain("-cc1");
      // The two about debug information need not be neighbours.
      const wanted = COMPILER_FLAGS.flatMap(({ driver, cc1 }) => (driver[0] === "-g" ? cc1.map((flag) => [flag]) : [cc1]));
      expect(wanted.filter((flags) => flags.length > 0 && !hasInOrder(line, flags))).toEqual([]);
      expect(line).not.toContain("-stack-protector");
      expect(line).not.toContain("-fcolor-diagnostics");
    });

    const compiler = nativeCompiler({ path: clang, version: "", stamp: "" });

    test("the object does not depend on the working directory and quotes the script's lines", async () => {
      const file = scriptFile(temporaryDirectory(), GOOD_SCRIPT);
      const source = { text: programOf(file, GOOD_BODY).c, files: [file] };
      const objects: Buffer[] = [];
      for (const cwd of [temporaryDirectory(), temporaryDirectory()]) {
        const { stdout, status } = spawnSync(clang, driverArguments("object"), { input: source.text, cwd });
        expect(status).toBe(0);
        objects.push(stdout);
      }
      const result = await compiler.compile(source);
      if (!result.ok) throw new Error(result.output);
      expect(objects[0]?.equals(objects[1] as Buffer)).toBe(true);
      expect(objects[0]?.equals(result.object)).toBe(true);
      const text = Buffer.from(result.object).toString("latin1");
      expect(text).toContain("const now = ktimeNs();");
      expect(text).toContain(file.path);
    });

    test("a loop over a long array stays a loop: no call of memset", async () => {
      const text = `${PRELUDE}
__attribute__((section("tp"), used)) int states(u64 *ctx) {
  char big[300];
  for (int i = 0; i < 300; i++) big[i] = 0;
  return use(big);
}`;
      const result = await compiler.compile({ text, files: [] });
      expect(result.ok ? "" : result.output).toBe("");
    });

    test("mistakes that C only warns of are errors, all other warnings are silent", async () => {
      const wrong = await compiler.compile({
        text: `${PRELUDE}int states(u64 *ctx) { u32 *p = ctx; if (*p) return 1; }`,
        files: [],
      });
      expect(wrong.ok).toBe(false);
      expect(wrong.ok ? "" : wrong.output).toMatch(/incompatible pointer types.*\n.*does not return a value/);
      const unused = spawnSync(clang, driverArguments("object"), {
        input: `${PRELUDE}static int unused(void) { int x = 1 << 40; return 2; }`,
      });
      expect(unused.status).toBe(0);
      expect(unused.stderr.toString()).toBe("");
    });
  });
});
