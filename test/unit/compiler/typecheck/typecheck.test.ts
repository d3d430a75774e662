import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { declared, type ExtraDeclarations } from "../../../../compiler/typecheck/extra-declarations.js";
import { type TypecheckResult, typecheck } from "../../../../compiler/typecheck/typecheck.js";
import type { Diagnostic } from "../../../../diagnostics/diagnostic.js";
import { positionAt } from "../../../../diagnostics/span.js";
import { ScriptFolder } from "../capture/built.js";

const source = (name: string): string => fileURLToPath(new URL(`../../../../dsl/${name}.ts`, import.meta.url));
const own = { tsprobe: source("index"), "tsprobe/kernel": source("kernel/index"), "tsprobe/test": source("test/index") };

/** What `tsprobe types` generates, for one tracepoint. */
const TRACEPOINTS = `import type { Bytes, u16 } from "tsprobe";
declare module "tsprobe" {
  interface LocalTracepoints {
    "sock:inet_sock_set_state": { readonly sport: u16; readonly skaddr: bigint; readonly saddr: Bytes<4> };
  }
}
`;

// Each test runs tsc, more than once, on machines that do other things too.
vi.setConfig({ testTimeout: 60_000 });

let folder: ScriptFolder;
beforeEach(() => {
  folder = new ScriptFolder();
});
afterEach(() => folder.dispose());

function check(
  entry: string,
  more: { extraDeclarations?: ExtraDeclarations; signal?: AbortSignal } = {},
): Promise<TypecheckResult> {
  const files = [{ path: entry, text: readFileSync(entry, "utf8") }];
  return typecheck({
    entry,
    files,
    own,
    extraDeclarations: declared(TRACEPOINTS),
    cacheDir: join(folder.path, "cache"),
    ...more,
  });
}

function brief({ code, failure, message, span, hints }: Diagnostic): string {
  const at =
    span && `${span.file.path.slice(folder.path.length + 1)}:${Object.values(positionAt(span.file, span.start)).join(":")}`;
  const text = span?.file.text.slice(span.start, span.end);
  return `${code} ${failure} ${at} \`${text}\`: ${message}${hints === undefined ? "" : ` | ${hints.join(" | ")}`}`;
}

const GOOD = `import { readFileSync } from "node:fs";
import { ktimeNs, lruHash, tracepoint } from "tsprobe";
import { AF_INET } from "tsprobe/kernel";
import { double } from "./helper.js";
import { triple } from "./helper2.ts";
import { js } from "./plain.js";
import data from "./data.json" with { type: "json" };

const since = lruHash({ key: "ptr", value: "u64", max: 1024 });
export const states = tracepoint("sock:inet_sock_set_state", (ctx) => {
  const before = since.get(ctx.skaddr);
  return { port: ctx.sport, us: before === undefined ? 0n : ktimeNs() - before };
});
for await (const event of states) console.log(double(event.port), triple(Number(event.us)), AF_INET, js(1), data.n.toFixed());
console.log(readFileSync(import.meta.filename, "utf8").length, process.pid);
`;

function writeGood(): string {
  folder.write("helper.ts", "export const double = (x: number): number => x * 2;\n");
  folder.write("helper2.ts", "export const triple = (x: number): number => x * 3;\n");
  folder.write("plain.js", "export function js(x) { return x; }\n");
  folder.write("data.json", `{ "n": 1 }`);
  return folder.write("s.ts", GOOD);
}

describe("a correct script", () => {
  test("has no errors, and the second run does not start tsc", async () => {
    const entry = writeGood();
    const first = await check(entry);
    expect(first).toMatchObject({ diagnostics: [], cached: false });
    // Nor are the declarations made that it would read.
    const notNeeded = { identity: TRACEPOINTS, text: () => expect.fail("made") };
    const second = await check(entry, { extraDeclarations: notNeeded });
    expect(second).toMatchObject({ diagnostics: [], cached: true });
    expect(second.ms).toBeLessThan(first.ms);
  });

  test.each([
    ["the script", "s.ts", `${GOOD}\nconst wrong: string = 1;\n`],
    ["a file it imports", "helper.ts", "export const double = (x: string): string => x;\n"],
    ["JSON", "data.json", `{ "n": "one" }`],
  ])("is checked again when %s changes", async (_, name, text) => {
    const entry = writeGood();
    await check(entry);
    folder.write(name, text);
    const again = await check(entry);
    expect(again.cached).toBe(false);
    expect(again.diagnostics).toHaveLength(1);
  });

  test("is checked again when a type-only import or the kernel's declarations change", async () => {
    const entry = folder.write("s.ts", `import type { N } from "./types.js";\nexport const n: N = 1;\n`);
    folder.write("types.ts", "export type N = number;\n");
    expect((await check(entry)).diagnostics).toEqual([]);
    expect((await check(entry, { extraDeclarations: declared("export {};") })).cached).toBe(false);
    folder.write("types.ts", "export type N = string;\n");
    expect((await check(entry, { extraDeclarations: declared("export {};") })).diagnostics.map(brief)).toEqual([
      "TSP4001 type s.ts:2:14 `n`: Type 'number' is not assignable to type 'string' (TS2322)",
    ]);
  });

  test("does not depend on the user's tsconfig.json", async () => {
    const entry = folder.write("s.ts", "export function f(x?: number): number { return x!; }\n");
    folder.write("tsconfig.json", `{ "extends": "missing", "compilerOptions": { "strict": 7`);
    expect((await check(entry)).diagnostics).toEqual([]);
  });
});

describe("errors", () => {
  test("are at the right place past letters beyond ASCII, and are kept too", async () => {
    const entry = folder.write(
      "s.ts",
      `import { tracepoint } from "tsprobe";
const é = "😀"; const n: number = "x";
export const a = tracepoint("sock:inet_sock_set_stat", () => ({ n, é }));
tracepoint("sock:inet_sock_set_state", (ctx) => ({ port: ctx.sprot }));
type Deep = { a: { b: number } };
const v = { a: { b: "q" } };
const deep: Deep = v;
1n + 1;
export { deep };
`,
    );
    const first = await check(entry);
    expect(first.diagnostics.map(brief)).toEqual([
      "TSP4001 type s.ts:2:23 `n`: Type 'string' is not assignable to type 'number' (TS2322)",
      `TSP4001 type s.ts:3:29 \`"sock:inet_sock_set_stat"\`: this kernel has no tracepoint sock:inet_sock_set_stat (TS2769) | if other kernels have it: tracepoint("sock:inet_sock_set_stat" as string, …)`,
      expect.stringMatching(
        /^TSP4001 type s\.ts:4:62 `sprot`: Property 'sprot' does not exist on type .* Did you mean 'sport'\? \(TS2551\)$/,
      ),
      "TSP4001 type s.ts:7:7 `deep`: Type '{ a: { b: string; }; }' is not assignable to type 'Deep' (TS2322) | Type 'string' is not assignable to type 'number'",
      "TSP4001 type s.ts:8:1 `1n`: Operator '+' cannot be applied to types '1n' and '1' (TS2365)",
    ]);
    expect(first.diagnostics[3]?.details?.split("\n")).toHaveLength(3);
    const second = await check(entry);
    expect(second.cached).toBe(true);
    expect(second.diagnostics).toEqual(first.diagnostics);
  });

  test("in imported files point into them", async () => {
    const entry = folder.write("s.ts", `import { a } from "./lib/a.js";\nexport const b: string = a;\n`);
    folder.write("lib/a.ts", "\nexport const a: number = true;\n");
    expect((await check(entry)).diagnostics.map(brief)).toEqual([
      "TSP4001 type lib/a.ts:2:14 `a`: Type 'boolean' is not assignable to type 'number' (TS2322)",
      "TSP4001 type s.ts:2:14 `b`: Type 'number' is not assignable to type 'string' (TS2322)",
    ]);
  });

  test("about missing modules are found anew each time: installing them ends the error", async () => {
    const entry = folder.write("s.ts", `import { a } from "some-package";\nexport const b: number = a;\n`);
    expect((await check(entry)).diagnostics.map(brief)).toEqual([
      "TSP4001 type s.ts:1:19 `\"some-package\"`: Cannot find module 'some-package' or its corresponding type declarations (TS2307)",
    ]);
    folder.write("node_modules/some-package/package.json", `{ "types": "index.d.ts" }`);
    folder.write("node_modules/some-package/index.d.ts", "export const a: number;\n");
    expect(await check(entry)).toMatchObject({ diagnostics: [], cached: false });
    expect((await check(entry)).cached).toBe(true);
    folder.write("node_modules/some-package/index.d.ts", "export const a: string;\n");
    expect((await check(entry)).diagnostics).toHaveLength(1);
  });

  test("in declarations that are not the user's become one, with their text", async () => {
    const entry = folder.write("s.ts", `import { a } from "tsprobe";\nexport const b: string = a;\n`);
    const broken = folder.write("own/index.ts", "export const a: number = true;\nexport const c: Gone = 1;\n");
    const files = [{ path: entry, text: readFileSync(entry, "utf8") }];
    const cacheDir = join(folder.path, "cache");
    const { diagnostics } = await typecheck({
      entry,
      files,
      own: { tsprobe: broken },
      extraDeclarations: declared(""),
      cacheDir,
    });
    expect(diagnostics.map(({ code, failure, message }) => ({ code, failure, message }))).toEqual([
      { code: "TSP4001", failure: "type", message: "Type 'number' is not assignable to type 'string' (TS2322)" },
      {
        code: "TSP4002",
        failure: "internal",
        message:
          "2 type errors lie outside the script, in declarations it uses: Type 'boolean' is not assignable to type 'number'",
      },
    ]);
    expect(diagnostics[1]?.details).toContain("own/index.ts(2,17): error TS2304: Cannot find name 'Gone'.");
  });

  test("of syntax in generated declarations are told as well", async () => {
    const entry = folder.write("s.ts", "export const a = 1;\n");
    for (const cached of [false, true]) {
      const result = await check(entry, { extraDeclarations: declared("declare const a: ;\ninterface { }\n") });
      expect(result.cached).toBe(cached);
      expect(result.diagnostics).toHaveLength(1);
      expect(result.diagnostics[0]).toMatchObject({ code: "TSP4002", failure: "internal", severity: "error" });
      expect(result.diagnostics[0]?.details?.match(/TS1\d{3}/g)).toHaveLength(2);
    }
  });
});

describe("the kept verdict", () => {
  const entryOfCache = (): string => {
    const [name] = readdirSync(join(folder.path, "cache", "typecheck"));
    return join(folder.path, "cache", "typecheck", name as string);
  };

  test.each([
    ["cut short", (text: string) => text.slice(0, 40)],
    ["empty", () => ""],
    ["changed inside", (text: string) => text.replace('"errors":[]', '"errors":[{}]')],
    ["not ours", () => '{ "errors": [] }'],
  ])("is ignored when it is %s", async (_, damage) => {
    const entry = writeGood();
    await check(entry);
    const path = entryOfCache();
    // Latin-1: each byte a character, and back.
    const text = readFileSync(path, "latin1");
    writeFileSync(path, damage(text), "latin1");
    expect(await check(entry)).toMatchObject({ diagnostics: [], cached: false });
    expect(await check(entry)).toMatchObject({ diagnostics: [], cached: true });
  });

  test("need not be writable", async () => {
    const entry = writeGood();
    folder.write("cache", "a file where the folder should be");
    expect(await check(entry)).toMatchObject({ diagnostics: [], cached: false });
    expect(await check(entry)).toMatchObject({ diagnostics: [], cached: false });
  });
});

describe("an abort", () => {
  const outside = process.env.TMPDIR;
  let temporary: ScriptFolder;
  beforeEach(() => {
    temporary = new ScriptFolder();
    process.env.TMPDIR = temporary.path;
  });
  afterEach(() => {
    if (outside === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = outside;
    temporary.dispose();
  });

  test("ends tsc, and nothing stays on disk", async () => {
    const entry = writeGood();
    const abort = new AbortController();
    const checking = check(entry, { signal: abort.signal });
    // The project is on disk while tsc runs.
    while (readdirSync(temporary.path).length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    abort.abort(new Error("enough"));
    await expect(checking).rejects.toThrow("enough");
    expect(readdirSync(temporary.path)).toEqual([]);
    expect(readdirSync(folder.path)).not.toContain("cache");
    await expect(check(entry, { signal: abort.signal })).rejects.toThrow("enough");
  });
});
