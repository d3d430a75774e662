import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeWhere, requireTool } from "../../../e2e/harness/requirements.js";
import { compileForFixture, goldenCases } from "../../../golden/compiled.js";

const FLAGS = [
  "-target",
  "bpf",
  "-mcpu=v3",
  "-O2",
  "-fno-builtin",
  "-fsyntax-only",
  "-Wall",
  "-Wextra",
  "-Werror",
  "-Wno-unused-function",
  "-Wno-unused-const-variable",
  "-x",
  "c",
  "-",
];
const golden = join(import.meta.dirname, "../../../golden/c");

const compilers = ["clang-14", "clang-16", "clang-19", "clang"].filter((name) => requireTool(name)() === undefined);
const needs = [() => (compilers.length > 0 ? undefined : "no clang is installed")];

describeWhere(needs, "the C has nothing that clang warns of", () => {
  test.each(goldenCases(golden, "c"))("%s", async (_, { script }) => {
    const { c } = await compileForFixture(script);
    for (const clang of compilers) expect(spawnSync(clang, FLAGS, { input: c, encoding: "utf8" }).stderr).toBe("");
  });
});
