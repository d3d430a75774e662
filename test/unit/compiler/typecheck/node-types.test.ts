import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { declared } from "../../../../compiler/typecheck/extra-declarations.js";
import { findTypeScript, type TypeScriptCompiler } from "../../../../compiler/typecheck/find-tsc.js";
import { parseTscOutput } from "../../../../compiler/typecheck/messages.js";
import { findNodeTypes } from "../../../../compiler/typecheck/node-types.js";
import { Project } from "../../../../compiler/typecheck/project.js";
import { runTsc } from "../../../../compiler/typecheck/run-tsc.js";
import { ScriptFolder } from "../capture/built.js";

// Each test runs tsc, more than once, on machines that do other things too.
vi.setConfig({ testTimeout: 60_000 });

let folder: ScriptFolder;
beforeEach(() => {
  folder = new ScriptFolder();
});
afterEach(() => folder.dispose());

test("Node's types of the script's project come before tsprobe's", () => {
  folder.write("node_modules/@types/node/package.json", "{}");
  expect(findNodeTypes(`${folder.path}/deep/er/s.ts`)).toBe(`${folder.path}/node_modules/@types`);
  const other = new ScriptFolder();
  expect(findNodeTypes(`${other.path}/s.ts`)).toMatch(/node_modules\/@types$/);
  other.dispose();
});

async function errorsWithoutNodeTypes(text: string, compiler: TypeScriptCompiler): Promise<string[]> {
  const entry = folder.write("s.ts", text);
  const project = new Project({ entry, own: {}, extraDeclarations: declared(""), nodeTypes: undefined, bare: false });
  try {
    return parseTscOutput(await runTsc(compiler, project, undefined), project.folder).errors.map(({ printed }) => printed);
  } finally {
    project.dispose();
  }
}

const HOST = `import { readFileSync } from "node:fs";
import { join } from "path";
console.log(readFileSync(join(import.meta.dirname, import.meta.url)), process.pid, Buffer.from("x"), await fetch("http://x"));
setTimeout(() => setImmediate(() => {}), 1);
`;

test("a script is checked without any of Node's types, too", async () => {
  const compiler = findTypeScript() as TypeScriptCompiler;
  expect(await errorsWithoutNodeTypes(HOST, compiler)).toEqual([]);
  expect(await errorsWithoutNodeTypes("export const x: string = 1;", compiler)).toHaveLength(1);
});

test("the package's own script serves where there is no native binary, and a crash is told", async () => {
  const native = findTypeScript() as TypeScriptCompiler;
  const throughNode = { ...native, command: process.execPath, leadingArguments: [`${native.folders[0]}/bin/tsc`] };
  expect(await errorsWithoutNodeTypes("export const x: string = 1;", throughNode)).toHaveLength(1);
  const crashing = {
    ...native,
    command: process.execPath,
    leadingArguments: ["-e", "console.error('out of luck'); process.exit(3)", "--"],
  };
  await expect(errorsWithoutNodeTypes("", crashing)).rejects.toMatchObject({
    diagnostics: [{ code: "TSP4003", failure: "internal", message: "tsc ended with exit code 3", details: "out of luck\n" }],
  });
  await expect(errorsWithoutNodeTypes("", { ...native, command: "/nowhere/tsc" })).rejects.toMatchObject({
    diagnostics: [{ code: "TSP4003", message: expect.stringContaining("could not be started") }],
  });
});
