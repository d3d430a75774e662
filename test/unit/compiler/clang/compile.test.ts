import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { chooseCompiler, compileProgram, openObjectCache } from "../../../../compiler/clang/index.js";
import { DiagnosticError } from "../../../../diagnostics/diagnostic.js";
import { describeWhere } from "../../../e2e/harness/requirements.js";
import {
  executable,
  GOOD_BODY,
  GOOD_SCRIPT,
  installedClangs,
  programOf,
  requireClang,
  scriptFile,
  temporaryDirectory,
} from "./support.js";

const clang = installedClangs.at(-1);

/** A real clang behind a script that notes each start. */
function counted(directory: string): { path: string; starts: () => number } {
  const log = join(directory, "starts");
  writeFileSync(log, "");
  const path = executable(join(directory, "counted-clang"), `#!/bin/sh\necho started >> '${log}'\nexec ${clang} "$@"\n`);
  return { path, starts: () => readFileSync(log, "utf8").length / "started\n".length };
}

function setUp() {
  const directory = temporaryDirectory();
  const cacheDir = { path: join(directory, "cache"), fallback: false };
  const said: string[] = [];
  const log = (message: string) => void said.push(message);
  const { path, starts } = counted(directory);
  const program = programOf(scriptFile(directory, GOOD_SCRIPT), GOOD_BODY);
  /** One start of tsprobe. */
  const run = async (wrong = program) => {
    const compiler = await chooseCompiler({ wanted: path, cacheDir, log });
    return compileProgram(wrong, { compiler, cache: openObjectCache(cacheDir, log), log });
  };
  return { cacheDir, said, starts, run, program, path };
}

describeWhere([requireClang], "compiling a program", () => {
  test("cold: clang is asked who it is and compiles; warm: nothing is started and the object is the same", async () => {
    const { run, starts, said } = setUp();
    const cold = await run();
    expect([cold.fromCache, starts()]).toEqual([false, 2]);
    const warm = await run();
    expect([warm.fromCache, starts()]).toEqual([true, 2]);
    expect(Buffer.from(warm.object).equals(cold.object)).toBe(true);
    expect(said.map((line) => line.replace(/\d+(\.\d+)*/g, "N").replace(/\(.*\)/, "(PATH)"))).toEqual([
      "object of N bytes compiled by clang N (PATH) in N ms",
      "object of N bytes from the cache, as compiled by clang N (PATH)",
    ]);
  });

  test("a damaged object is said and compiled again", async () => {
    const { run, starts, said, cacheDir } = setUp();
    const cold = await run();
    const folder = join(cacheDir.path, "objects");
    const entry = join(folder, readdirSync(folder)[0] as string);
    const bytes = readFileSync(entry);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 0x10;
    writeFileSync(entry, bytes);
    const again = await run();
    expect([again.fromCache, starts()]).toEqual([false, 3]);
    expect(Buffer.from(again.object).equals(cold.object)).toBe(true);
    expect(said.some((line) => line.endsWith("is damaged (its checksum differs); it is made anew"))).toBe(true);
    expect((await run()).fromCache).toBe(true);
  });

  test("the object is a BPF program under the name of its C function", async () => {
    const { run } = setUp();
    const { object } = await run();
    expect(Buffer.from(object).toString("latin1", 0, 4)).toBe("\x7fELF");
    expect(Buffer.from(object).toString("latin1")).toContain("tracepoint/sock/inet_sock_set_state");
  });

  test("wrong C is an error in words, and nothing of it is kept", async () => {
    const { run, program, cacheDir } = setUp();
    const wrong = { ...program, c: program.c.replace("bpf_ktime_get_ns();", "nothing();") };
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(run(wrong)).rejects.toThrow(DiagnosticError);
    }
    expect(readdirSync(cacheDir.path)).toEqual(["compilers"]);
  });

  test("without a cache directory that works, it still compiles", async () => {
    const { run, cacheDir, said } = setUp();
    writeFileSync(cacheDir.path, "in the way");
    expect((await run()).fromCache).toBe(false);
    expect((await run()).fromCache).toBe(false);
    expect(said.filter((line) => line.includes("cannot be written (ENOTDIR)"))).toHaveLength(4);
  });

  test("an abort ends the compile", async () => {
    const { program, cacheDir, path } = setUp();
    const compiler = await chooseCompiler({ wanted: path, cacheDir });
    const abort = new AbortController();
    const compiling = compileProgram(program, { compiler, signal: abort.signal });
    abort.abort(new Error("Ctrl-C"));
    await expect(compiling).rejects.toThrow("Ctrl-C");
  });

  test("TSPROBE_CLANG names the clang", async () => {
    const { cacheDir, path } = setUp();
    vi.stubEnv("TSPROBE_CLANG", path);
    try {
      const version = /version (\S+)/.exec(spawnSync(clang as string, ["--version"], { encoding: "utf8" }).stdout)?.[1];
      expect((await chooseCompiler({ cacheDir })).description).toBe(`clang ${version} (${path})`);
    } finally {
      vi.unstubAllEnvs();
    }
  });
});
