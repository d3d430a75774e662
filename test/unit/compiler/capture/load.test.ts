import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { CaptureRecord } from "../../../../compiler/capture/record.js";
import { type Built, buildForNode, ScriptFolder } from "./built.js";

let built: Built;
let folder: ScriptFolder;

beforeAll(async () => {
  built = await buildForNode();
});
afterAll(() => built.dispose());
beforeEach(() => {
  folder = new ScriptFolder();
});
afterEach(() => folder.dispose());

/** Results that scripts leave behind: `globalThis.seen.push(…)`. */
const seen: unknown[] = [];
(globalThis as { seen?: unknown[] }).seen = seen;

async function run(files: Record<string, string>): Promise<{ captures: readonly CaptureRecord[]; seen: unknown[] }> {
  const [entry] = Object.entries(files).map(([name, text]) => folder.write(name, text));
  built.script.beginScript([]);
  seen.length = 0;
  const script = await built.load.loadScript(entry as string, built);
  expect(script.diagnostics).toEqual([]);
  await script.evaluate();
  return { captures: [...script.captures.values()], seen: [...seen] };
}

describe("captured functions at run time", () => {
  test("carry their id and thunks for what they use, read when asked", async () => {
    const { captures } = await run({
      "s.ts": `
        import { fn, ktimeNs, tracepoint } from "tsprobe";
        import { AF_INET } from "tsprobe/kernel";
        import { far, Kind } from "./far.js";
        export const probe = tracepoint("a:b" as never, (ctx: any) => ({
          now: ktimeNs(), v4: ctx.family === AF_INET, later: later.x, far, kind: Kind.Two, double: double(ctx.n), und: undefined,
        }));
        const later = { x: 5n };
        const double = fn((n: number) => n * 2);
      `,
      "far.ts": `export const far = "away"; export enum Kind { One = 1, Two }`,
    });
    const handler = built.script.currentScript().probes[0]?.handler as () => unknown;
    const mark = built.capture.captureMarkOf(handler);
    expect(mark?.id).toBe("s.ts#0");
    expect(captures.map(({ id }) => id)).toEqual(["s.ts#0", "s.ts#1"]);
    const values = Object.fromEntries(Object.entries(mark?.environment ?? {}).map(([name, thunk]) => [name, thunk()]));
    expect(Object.keys(values)).toEqual(["ktimeNs", "AF_INET", "later", "far", "Kind", "double"]);
    expect(values).toMatchObject({ AF_INET: 2, later: { x: 5n }, far: "away", Kind: { Two: 2 } });
    expect(built.capture.captureMarkOf(values.double as object)?.id).toBe("s.ts#1");
    expect((values.double as (n: number) => number)(4)).toBe(8);
  });

  test("thunks read a constant declared after the function, in whatever file", async () => {
    const result = await run({
      "s.ts": `
        import { f } from "./helper.js";
        export const late = { n: 1n };
        globalThis.seen.push(f);
      `,
      "helper.ts": `
        import { fn } from "tsprobe";
        import { late } from "./s.js";
        export const f = fn(() => late.n + later);
        const later = 2n;
      `,
    });
    const { late, later } = built.capture.captureMarkOf(result.seen[0] as object)?.environment ?? {};
    expect([late?.(), later?.()]).toEqual([{ n: 1n }, 2n]);
  });

  test("a name the compiler would insert does not clash", async () => {
    const { seen: results } = await run({
      "s.ts": `
        import { fn } from "tsprobe";
        const __tsprobeMark = 1, __tsprobeMeta = 2;
        export const f = fn(() => __tsprobeMark + __tsprobeMeta);
        globalThis.seen.push(f(), typeof import.meta.url);
      `,
    });
    expect(results).toEqual([3, "string"]);
  });
});

describe("the host part", () => {
  test("top-level await, builtin modules, JSON, TypeScript imported as .js, .ts and without extension", async () => {
    const { seen: results } = await run({
      "s.ts": `
        import { sep } from "node:path";
        import { EOL } from "os";
        import data from "./data.json" with { type: "json" };
        import { a } from "./a.js";
        import { b } from "./b.ts";
        import { c } from "./c";
        import type { Missing } from "./nowhere.js";
        const late: Missing = await Promise.resolve("late");
        globalThis.seen.push(sep, EOL, data.list, a, b, c, late, (await import("./d.js")).d);
      `,
      "data.json": `{ "list": [1, 2] }`,
      "a.ts": `export const a: string = "a";`,
      "b.ts": `export const b: string = "b";`,
      "c/index.ts": `export const c: string = "c";`,
      "d.ts": `export const d: string = "d";`,
    });
    expect(results).toEqual(["/", "\n", [1, 2], "a", "b", "c", "late", "d"]);
  });

  test("import.meta speaks of the original file", async () => {
    const { seen: results } = await run({
      "s.ts": `import "./lib/x.js"; globalThis.seen.push(import.meta.url, import.meta.dirname, import.meta.resolve("./a.ts"));`,
      "lib/x.ts": `globalThis.seen.push(import.meta.filename, import.meta.resolve("fs"), import.meta === import.meta);`,
    });
    const at = (name: string): string => `${folder.path}/${name}`;
    expect(results).toEqual([
      at("lib/x.ts"),
      "node:fs",
      true,
      pathToFileURL(at("s.ts")).href,
      folder.path,
      pathToFileURL(at("a.ts")).href,
    ]);
  });

  test("npm packages beside the script: ES modules, CommonJS, conditions, subpaths, TypeScript in a workspace", async () => {
    const { seen: results } = await run({
      "s.ts": `
        import { kind } from "both";
        import sub from "@scope/esm/sub";
        import cjs, { named } from "cjs-only";
        import { workspace } from "in-typescript";
        import { createRequire } from "node:module";
        const require = createRequire(import.meta.url);
        globalThis.seen.push(kind, sub, cjs.named, named, workspace, require("cjs-only").named);
        globalThis.seen.push(await import("not-there").catch((error: Error) => error.name));
      `,
      "node_modules/both/package.json": `{ "exports": { "node": { "import": "./esm.mjs", "require": "./cjs.cjs" }, "default": "./x.js" } }`,
      "node_modules/both/esm.mjs": `export const kind = "esm";`,
      "node_modules/both/cjs.cjs": `exports.kind = "cjs";`,
      "node_modules/@scope/esm/package.json": `{ "type": "module", "exports": { "./sub": "./deep/sub.js" } }`,
      "node_modules/@scope/esm/deep/sub.js": `export default import.meta.url.endsWith("deep/sub.js");`,
      "node_modules/cjs-only/package.json": `{ "main": "lib/main", "module": "lib/never.js" }`,
      "node_modules/cjs-only/lib/main.js": `exports.named = __filename.endsWith("main.js") && typeof require === "function";`,
      "node_modules/in-typescript/package.json": `{ "exports": "./index.ts" }`,
      "node_modules/in-typescript/index.ts": `export const workspace: string = "ts";`,
    });
    expect(results).toEqual(["esm", true, true, true, "ts", true, "Error"]);
  });

  test("local files in CommonJS", async () => {
    const { seen: results } = await run({
      "s.ts": `import a from "./a.cjs"; import b from "./b.js"; globalThis.seen.push(a.dir, b.sum);`,
      "a.cjs": `exports.dir = __dirname;`,
      "b.js": `const { dir } = require("./a.cjs"); const { sep } = require("path"); module.exports = { sum: sep + (dir === "") };`,
    });
    expect(results).toEqual([folder.path, "/false"]);
  });

  test("the script's own tsconfig.json and package.json do not change what runs", async () => {
    const { seen: results } = await run({
      "s.ts": `import "./effect.js"; import { unused } from "./value.js"; class A { x = 1; } globalThis.seen.push(Object.keys(new A()));`,
      "effect.ts": `globalThis.seen.push("effect");`,
      "value.ts": `export const unused = 1;`,
      "tsconfig.json": `{ "extends": "not-installed", "compilerOptions": { "useDefineForClassFields": false, broken`,
      "package.json": `{ "sideEffects": false, "type": "commonjs" }`,
    });
    expect(results).toEqual(["effect", ["x"]]);
  });

  test("a script without extension, with a shebang", async () => {
    const { seen: results } = await run({
      script: `#!/usr/bin/env -S tsprobe run\nconst a: number = 1;\nglobalThis.seen.push(a, import.meta.filename);`,
    });
    expect(results).toEqual([1, `${folder.path}/script`]);
  });
});

test("timings and files are told", async () => {
  folder.write("b.ts", "export const b = 1;");
  const script = await built.load.loadScript(folder.write("s.ts", `import { b } from "./b.js";\nexport { b };`), built);
  expect(script.files.map(({ path }) => path.slice(folder.path.length + 1))).toEqual(["s.ts", "b.ts"]);
  expect(script.entry).toBe(`${folder.path}/s.ts`);
  expect(script.timings.bundle).toBeGreaterThanOrEqual(script.timings.parse);
  expect(script.timings.evaluate).toBeUndefined();
  await script.evaluate();
  expect(script.timings.evaluate).toBeGreaterThan(0);
  await expect(script.evaluate()).rejects.toThrow("has been run already");
});
