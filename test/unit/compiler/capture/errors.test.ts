import { readdirSync, symlinkSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Diagnostic, DiagnosticError } from "../../../../diagnostics/diagnostic.js";
import { positionAt } from "../../../../diagnostics/span.js";
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

async function diagnosticsOf(action: Promise<unknown>): Promise<readonly Diagnostic[]> {
  const error = await action.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect((error as Error | undefined)?.name).toBe("DiagnosticError");
  return (error as DiagnosticError).diagnostics;
}

/** Loads and runs the first of the files; the diagnostics as short lines. */
async function failureOf(files: Record<string, string>): Promise<string[]> {
  const [entry] = Object.entries(files).map(([name, text]) => folder.write(name, text));
  const all = await diagnosticsOf(built.load.loadScript(entry as string, built).then((script) => script.evaluate()));
  return all.map(brief);
}

function brief({ code, failure, message, span, hints }: Diagnostic): string {
  const text = span?.file.text.slice(span.start, span.end);
  const at =
    span === undefined
      ? ""
      : ` ${span.file.path.slice(folder.path.length + 1)}:${Object.values(positionAt(span.file, span.start)).join(":")} \`${text}\``;
  return `${code} ${failure}${at}: ${message}${hints === undefined ? "" : ` | ${hints.join(" | ")}`}`;
}

describe("the script's file", () => {
  const load = (path: string): Promise<unknown> => built.load.loadScript(path, built);
  const inFolder = (diagnostics: readonly Diagnostic[]): string[] =>
    diagnostics.map((d) => brief(d).replaceAll(folder.path, "DIR"));

  test("missing, with the nearest name in its folder", async () => {
    folder.write("tcpstates.ts", "");
    folder.write("other.ts", "");
    expect(inFolder(await diagnosticsOf(load(`${folder.path}/tcpstate.ts`)))).toEqual([
      'TSP2001 script-missing: there is no script "DIR/tcpstate.ts" | did you mean DIR/tcpstates.ts?',
    ]);
    expect(inFolder(await diagnosticsOf(load(`${folder.path}/tcpstates`)))).toEqual([
      'TSP2001 script-missing: there is no script "DIR/tcpstates" | did you mean DIR/tcpstates.ts?',
    ]);
    expect(inFolder(await diagnosticsOf(load(`${folder.path}/far/away.ts`)))).toEqual([
      'TSP2001 script-missing: there is no script "DIR/far/away.ts" | the directory "DIR/far" does not exist',
    ]);
    expect(inFolder(await diagnosticsOf(load(`${folder.path}/quite-different.ts`)))).toEqual([
      'TSP2001 script-missing: there is no script "DIR/quite-different.ts"',
    ]);
  });

  test.each(["a*b/s*.ts", "[a] {b,c}/s?.ts", "a#b/s?1#.ts", "100%/s%41.ts"])(
    "of a name that means something elsewhere: %s",
    async (name) => {
      expect(
        await failureOf({
          [name]: `import { tracepoint } from "tsprobe";
          import { two } from "./h*.ts";
          export const s = tracepoint("sock:inet_sock_set_state" as never, (ctx: any) => ({ two }));
          throw new Error("here");`,
          [name.replace(/[^/]*$/, "h*.ts")]: "export const two = 2;",
        }),
      ).toEqual([`TSP2005 script-error ${name}:4:17 \`new Error\`: the script failed: Error: here`]);
    },
  );

  test.each(["a\\b.ts", "a\\b/s.ts"])("with a backslash: refused, as tsc takes it for a slash: %s", async (name) => {
    const path = folder.write(name, "");
    expect(inFolder(await diagnosticsOf(load(path)))).toEqual([
      `TSP2001 script-missing: a script whose path has a backslash in it cannot be run: "DIR/${name}" | give the file and its directories names without one: DIR/${name}`,
    ]);
  });

  test("a directory", async () => {
    folder.write("a.ts", "");
    folder.write("types.d.ts", "");
    const [first] = await diagnosticsOf(load(folder.path));
    expect(first?.message).toBe(`"${folder.path}" is a directory, not a script`);
    expect(first?.hints?.[0]).toMatch(/^name one of its scripts: .*a\.ts$/);
  });

  test("unreadable", async () => {
    symlinkSync("loop.ts", `${folder.path}/loop.ts`);
    const [first] = await diagnosticsOf(load(`${folder.path}/loop.ts`));
    expect(first).toMatchObject({
      code: "TSP2001",
      failure: "script-missing",
      message: `cannot read the script "${folder.path}/loop.ts"`,
    });
    expect(first?.hints?.[0]).toContain("ELOOP");
  });
});

describe("syntax errors", () => {
  test("have the parser's words and place, past letters beyond ASCII", async () => {
    expect(await failureOf({ "s.ts": `import { fn } from "tsprobe";\nconst é = "😀"; const a = ;\n` })).toEqual([
      "TSP2003 syntax s.ts:2:27 `;`: `;` cannot stand here | something is missing before it, or it is one too many",
    ]);
  });

  test("are on their line where lone carriage returns end lines", async () => {
    expect(await failureOf({ "s.ts": "const a = 1;\rconst b = 2;\r\nconst c = ;\r" })).toEqual([
      "TSP2003 syntax s.ts:3:11 `;`: `;` cannot stand here | something is missing before it, or it is one too many",
    ]);
  });

  test("of imported JSON have no hint that only repeats what is missing", async () => {
    const files = { "s.ts": 'import data from "./bad.json";\nconsole.log(data);', "bad.json": '{"x": 5' };
    expect(await failureOf(files)).toEqual(['TSP2003 syntax bad.json:1:8 ``: Expected "," in JSON but found end of file']);
  });

  test("what is nested more deeply than can be read is named, not the recursion that fails", async () => {
    const sum = `f(${"x + ".repeat(50_000)}x)`;
    const [first] = await failureOf({ "s.ts": `import { pid } from "tsprobe";\nconst y = ${sum};` });
    expect(first?.replace(/`.*`/, "…")).toBe(
      "TSP2006 language s.ts:2:13 …: this is nested too deeply to be read | split it: a sum of thousands of terms is a sum of sums, each in a const, or a loop",
    );
  });

  test("nor do thousands of brackets in brackets end the process in the parser", async () => {
    const [first, ...others] = await failureOf({
      "s.ts": `import { pid } from "tsprobe";\n${"if (pid) {\n".repeat(20_000)}${"}".repeat(20_000)}`,
    });
    expect(first).toMatch(/^TSP2006 language s\.ts:\d{4}:\d `.`: this is nested too deeply to be read/);
    expect(others).toEqual([]);
    // Many beside each other are no matter.
    const [many] = await failureOf({
      "s.ts": `import { pid } from "tsprobe";\nconst a = [${"[[1], (2)], ".repeat(5_000)}];\nconst c = ;`,
    });
    expect(many).toMatch(/^TSP2003 syntax s\.ts:3:11/);
  });

  test("in several files are all reported", async () => {
    const errors = await failureOf({
      "s.ts": `import "./a.js";\nimport "./b.js";\n`,
      "a.ts": `import "./b.js";\nfoo(;`,
      "b.ts": `const x = 1;\nlet = = 2;`,
    });
    expect(errors.sort()).toEqual([
      "TSP2003 syntax a.ts:2:5 `;`: `;` cannot stand here | something is missing before it, or it is one too many",
      "TSP2003 syntax b.ts:2:7 `=`: `=` cannot stand here | something is missing before it, or it is one too many",
    ]);
  });

  test("that only the bundler sees are at the right place too, in a file that was changed", async () => {
    expect(
      await failureOf({
        "s.ts": `import { fn } from "tsprobe"; export const f = fn((é: string) => é); const a = 1; a = 2;`,
      }),
    ).toEqual(['TSP2003 syntax s.ts:1:83 `a`: Cannot assign to "a" because it is a constant | declare it with let']);
  });
});

describe("imports that lead nowhere", () => {
  test.each([
    ["./helpre.js", 'TSP2004 name s.ts:1:20 `"./helpre.js"`: cannot find "./helpre.js" | did you mean "./helper.ts"?'],
    ["./lib/x.js", 'TSP2004 name s.ts:1:20 `"./lib/x.js"`: cannot find "./lib/x.js"'],
    [
      "tsprobe/kernal",
      'TSP2004 name s.ts:1:20 `"tsprobe/kernal"`: cannot find "tsprobe/kernal" | the modules of tsprobe are "tsprobe", "tsprobe/kernel", "tsprobe/test"',
    ],
    ["tsprobes", 'TSP2004 name s.ts:1:20 `"tsprobes"`: cannot find "tsprobes" | did you mean "tsprobe"?'],
    [
      "@some/package/deep",
      'TSP2004 name s.ts:1:20 `"@some/package/deep"`: cannot find "@some/package/deep" | install it beside the script: npm install @some/package',
    ],
    ["node:nothing", 'TSP2004 name s.ts:1:20 `"node:nothing"`: cannot find "node:nothing"'],
  ])("%s", async (specifier, expected) => {
    folder.write("helper.ts", "");
    expect(await failureOf({ "s.ts": `import * as x from "${specifier}";\nconsole.log(x);` })).toEqual([expected]);
  });

  test("re-exports too", async () => {
    expect(await failureOf({ "s.ts": `export * from "./a.js";`, "a.ts": `// é\nexport { x } from "./gone.js";` })).toEqual([
      'TSP2004 name a.ts:2:19 `"./gone.js"`: cannot find "./gone.js"',
    ]);
  });
});

describe("names a module does not export", () => {
  test("tsprobe, with the nearest", async () => {
    expect(
      await failureOf({ "s.ts": `import { fn, tracepont } from "tsprobe";\ntracepont("a:b", () => {}); fn(() => 1);` }),
    ).toEqual(['TSP2004 name s.ts:1:14 `tracepont`: "tsprobe" has no export "tracepont" | did you mean "tracepoint"?']);
  });

  test("a CommonJS package", async () => {
    folder.write("node_modules/cjs/package.json", `{ "main": "main.js" }`);
    folder.write("node_modules/cjs/main.js", `exports.there = 1;`);
    expect(await failureOf({ "s.ts": `import { ther as x } from "cjs";\nconsole.log(x);` })).toEqual([
      'TSP2004 name s.ts:1:10 `ther`: "cjs" has no export "ther" | did you mean "there"?',
    ]);
  });

  test("a local file", async () => {
    const [only] = await failureOf({
      "s.js": `import { valu } from "./a.js";\nconsole.log(valu);`,
      "a.js": `export const value = 1;`,
    });
    expect(only).toMatch(/^TSP2004 name s\.js:1:10 `valu`: No matching export in "a\.js" for import "valu"/);
  });
});

describe("what the script throws at top level", () => {
  test("is told at its place, with the script's own frames", async () => {
    folder.write(
      "s.ts",
      `import { explode } from "./lib/bomb.js";\ninterface Types { gone: true }\nfunction start(): void {\n  explode(1n);\n}\nstart();\n`,
    );
    folder.write(
      "lib/bomb.ts",
      `type T = bigint;\n\nexport function explode(x: T): never { throw new TypeError(\`no \${x}\`, { cause: "heat" }); }\n`,
    );
    const script = await built.load.loadScript(`${folder.path}/s.ts`, built);
    const [only] = (await diagnosticsOf(script.evaluate())) as [Diagnostic];
    expect(brief(only)).toBe("TSP2005 script-error lib/bomb.ts:3:46 `new TypeError`: the script failed: TypeError: no 1");
    expect(only.details?.replaceAll(folder.path, "DIR").split("\n")).toEqual([
      "TypeError: no 1",
      "    at explode (DIR/lib/bomb.ts:3:46)",
      "    at start (DIR/s.ts:4:3)",
      "    at DIR/s.ts:6:1",
      "caused by heat",
    ]);
  });

  test("after an await, and in a folder with any letters", async () => {
    folder.write(
      "ü ber/s #1.ts",
      `interface A {}\nasync function f(): Promise<A> {\n  await null;\n  throw new Error("x");\n}\nawait f();\n`,
    );
    const script = await built.load.loadScript(`${folder.path}/ü ber/s #1.ts`, built);
    const [only] = (await diagnosticsOf(script.evaluate())) as [Diagnostic];
    expect(brief(only)).toBe("TSP2005 script-error ü ber/s #1.ts:4:9 `new Error`: the script failed: Error: x");
    expect(only.details?.replaceAll(folder.path, "DIR")).toBe(
      "Error: x\n    at f (DIR/ü ber/s #1.ts:4:9)\n    at DIR/ü ber/s #1.ts:6:1",
    );
  });

  test("by tsprobe's own functions is told at the script's call", async () => {
    expect(await failureOf({ "s.ts": `import { table } from "tsprobe";\n\n  table({} as never, []);\n` })).toEqual([
      "TSP2302 script-error s.ts:3:3 `table`: table(): the first argument is no probe and no event channel of this script | write table(states, […]) with: const states = tracepoint(…) or event({…})",
    ]);
  });

  test("need not be an Error", async () => {
    expect(await failureOf({ "s.ts": `throw "over";` })).toEqual([
      "TSP2005 script-error: the script failed: over | throw an Error, which knows its place: throw new Error(…)",
    ]);
    expect(await failureOf({ "t.ts": `await Promise.reject(undefined);` })).toEqual([
      "TSP2005 script-error: the script failed: threw undefined | throw an Error, which knows its place: throw new Error(…)",
    ]);
  });

  test("passes on when it is a diagnostic already", async () => {
    const text = `throw Object.assign(new Error("x"), { name: "DiagnosticError", diagnostics: [{ code: "TSP2999", failure: "usage", severity: "error", message: "mine" }] });`;
    expect(await failureOf({ "s.ts": text })).toEqual(["TSP2999 usage: mine"]);
  });
});

describe("files left on disk", () => {
  let temporary: ScriptFolder;
  const outside = process.env.TMPDIR;
  beforeEach(() => {
    temporary = new ScriptFolder();
    process.env.TMPDIR = temporary.path;
  });
  afterEach(() => {
    if (outside === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = outside;
    temporary.dispose();
  });

  test("are gone while the script is still running, and an abort ends the wait", async () => {
    const abort = new AbortController();
    const path = folder.write("s.ts", `globalThis.started(); await new Promise(() => {});`);
    const script = await built.load.loadScript(path, { ...built, signal: abort.signal });
    const started = new Promise<void>((resolve) => {
      (globalThis as { started?: () => void }).started = resolve;
    });
    const ended = script.evaluate();
    expect(readdirSync(temporary.path)).toHaveLength(1);
    await started;
    expect(readdirSync(temporary.path)).toEqual([]);
    abort.abort(new Error("enough"));
    await expect(ended).rejects.toThrow("enough");
    script.dispose();
  });

  test("are gone after an abort before the script runs", async () => {
    const abort = new AbortController();
    const script = await built.load.loadScript(folder.write("s.ts", `export {};`), { ...built, signal: abort.signal });
    const ended = script.evaluate();
    abort.abort(new Error("enough"));
    await expect(ended).rejects.toThrow("enough");
    expect(readdirSync(temporary.path)).toEqual([]);
    await expect(built.load.loadScript(`${folder.path}/s.ts`, { ...built, signal: abort.signal })).rejects.toThrow("enough");
  });

  test("are gone after a failure to link", async () => {
    await failureOf({ "s.ts": `import { nosuch } from "tsprobe"; nosuch();` });
    expect(readdirSync(temporary.path)).toEqual([]);
  });
});
