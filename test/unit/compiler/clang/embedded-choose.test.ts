import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { chooseCompiler } from "../../../../compiler/clang/choose.js";
import { expectCached } from "../../../../compiler/clang/forecast.js";
import { anticipateCompile, type BpfCompiler, compileProgram, openObjectCache } from "../../../../compiler/clang/index.js";
import { DiagnosticError } from "../../../../diagnostics/diagnostic.js";
import { artifact } from "./embedded-support.js";
import { executable, GOOD_BODY, GOOD_SCRIPT, programOf, scriptFile, temporaryDirectory } from "./support.js";

const EMBEDDED = "clang 19.1.7 (embedded)";

beforeEach(() => vi.stubEnv("TSPROBE_CLANG", ""));
afterEach(() => void vi.unstubAllEnvs());

/** A machine whose PATH has the clangs of these versions. */
function machine(...versions: string[]) {
  const base = temporaryDirectory();
  const folder = join(base, "bin");
  mkdirSync(folder);
  for (const version of versions) {
    const name = `clang-${Number.parseInt(version, 10)}`;
    executable(join(folder, name), `#!/bin/sh\nprintf '\\t.asciz\\t"${version} (1~deb)"\\n'\n`);
  }
  const system = { osRelease: "ID=debian", root: true, query: () => "" };
  const search = { env: { PATH: folder }, homes: [], system };
  return async (wanted?: string, embedded: typeof artifact | "none" = artifact) => {
    try {
      const cacheDir = { path: join(base, "cache"), fallback: false };
      const { description } = await chooseCompiler({
        cacheDir,
        search,
        artifact: embedded,
        ...(wanted === undefined ? {} : { wanted }),
      });
      return description.replace(base, "");
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      const [diagnostic] = error.diagnostics;
      return `${diagnostic?.code} ${diagnostic?.message}`.replace(base, "");
    }
  };
}

describe("which compiler is taken", () => {
  test("a clang of this machine, when it is new enough", async () => {
    expect(await machine("18.1.3")()).toBe("clang 18.1.3 (/bin/clang-18)");
  });

  test("the embedded one, when there is none, or none that will do", async () => {
    expect(await machine()()).toBe(EMBEDDED);
    expect(await machine("13.0.1")()).toBe(EMBEDDED);
  });

  test("what --clang says", async () => {
    const both = machine("18.1.3");
    expect(await both("embedded")).toBe(EMBEDDED);
    expect(await both("native")).toBe("clang 18.1.3 (/bin/clang-18)");
    expect(await both("clang-18")).toBe("clang 18.1.3 (/bin/clang-18)");
    expect(await both("/no/such/clang")).toContain("TSP1502 the clang that was asked for cannot be used: /no/such/clang");
    expect(await machine()("native")).toBe("TSP1501 no clang was found on this machine");
  });

  test("else what TSPROBE_CLANG says", async () => {
    const both = machine("18.1.3");
    vi.stubEnv("TSPROBE_CLANG", "embedded");
    expect(await both()).toBe(EMBEDDED);
    expect(await both("native")).toBe("clang 18.1.3 (/bin/clang-18)");
    vi.stubEnv("TSPROBE_CLANG", "/no/such/clang");
    expect(await both()).toContain("TSP1502");
    expect(await both("embedded")).toBe(EMBEDDED);
  });

  test("an installation without the module says so where it matters", async () => {
    expect(await machine("18.1.3")(undefined, "none")).toBe("clang 18.1.3 (/bin/clang-18)");
    expect(await machine()(undefined, "none")).toBe("TSP1501 no clang was found on this machine");
    expect(await machine("18.1.3")("embedded", "none")).toContain("TSP1503 this installation of tsprobe has no embedded clang");
  });
});

describe("a compiler that has to get ready", () => {
  /** Notes what it is told to do. Compiles anything to the same object. */
  function slowCompiler(kind: "native" | "embedded", done: string[]): BpfCompiler {
    const compiler: BpfCompiler = {
      kind,
      description: kind,
      identity: kind,
      compile: async () => {
        done.push("compile");
        return { ok: true, object: new Uint8Array(3), ms: 0 };
      },
    };
    if (kind === "native") return compiler;
    return { ...compiler, start: () => void done.push("start"), stop: async () => void done.push("stop") };
  }

  function setUp(kind: "native" | "embedded" = "embedded") {
    const directory = temporaryDirectory();
    const file = scriptFile(directory, GOOD_SCRIPT);
    const cache = openObjectCache({ path: join(directory, "cache"), fallback: false });
    const done: string[] = [];
    const run = async (keepRunning = false, c = programOf(file, GOOD_BODY).c) => {
      done.length = 0;
      const options = { compiler: slowCompiler(kind, done), cache, script: file.path, keepRunning };
      anticipateCompile(options);
      await compileProgram({ ...programOf(file, GOOD_BODY), c }, options);
      return done.join(" ");
    };
    return { file, cache, run };
  }

  test("starts before its input is known, and ends with the compile", async () => {
    expect(await setUp().run()).toBe("start compile stop");
    expect(await setUp().run(true)).toBe("start compile");
  });

  test("does not start when the object is expected in the cache", async () => {
    const { run, file } = setUp();
    await run();
    expect(await run()).toBe("stop");
    writeFileSync(file.path, `${file.text}// edited\n`);
    expect(await run()).toBe("start stop");
    expect(await run()).toBe("stop");
    utimesSync(file.path, 1000, 1000);
    expect(await run()).toBe("start stop");
  });

  test("compiles when the expectation was wrong", async () => {
    const { run, file } = setUp();
    await run();
    expect(await run(false, `${programOf(file, GOOD_BODY).c}\nint more;`)).toBe("compile stop");
  });

  test("a script that is not there yet is no reason to fail", () => {
    const { cache } = setUp();
    const done: string[] = [];
    anticipateCompile({ compiler: slowCompiler("embedded", done), cache, script: "/no/such/script.ts" });
    expect(done).toEqual(["start"]);
    expect(expectCached(cache, "/no/such/script.ts", slowCompiler("embedded", done))).toBe(false);
  });

  test("a native clang needs none of this", async () => {
    const { run } = setUp("native");
    expect(await run()).toBe("compile");
    expect(await run()).toBe("");
  });
});
