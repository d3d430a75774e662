import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cc1Arguments, driverArguments } from "../../../../compiler/clang/flags.js";
import { explainFailure } from "../../../../compiler/clang/messages.js";
import { nativeCompiler } from "../../../../compiler/clang/native.js";
import { describeWhere, type Requirement } from "../../../e2e/harness/requirements.js";
import { readSections } from "./embedded-elf.js";
import {
  artifact,
  bundleHost,
  embedded,
  hostProcesses,
  pack,
  repository,
  sharedEmbedded,
  tinyModule,
} from "./embedded-support.js";
import { executable, GOOD_BODY, GOOD_SCRIPT, PRELUDE, programOf, scriptFile, temporaryDirectory } from "./support.js";

/** A native clang of the embedded one's version: only such a one makes the same code. */
const twin = ["clang-19", "clang"].find((name) =>
  spawnSync(name, ["--version"], { encoding: "utf8" }).stdout?.includes(`version ${artifact.version}`),
);
const requireTwin: Requirement = () =>
  twin === undefined ? `needs a clang ${artifact.version} on PATH (apt-get install clang-19)` : undefined;
const native = nativeCompiler({ path: twin ?? "", version: artifact.version, stamp: "" });

const shared = sharedEmbedded();

async function objectOf(
  compiler: typeof native,
  text: string,
  files: readonly { path: string; text: string }[] = [],
): Promise<Uint8Array> {
  const result = await compiler.compile({ text, files });
  if (!result.ok) throw new Error(`${JSON.stringify(result.end)}\n${result.output}`);
  return result.object;
}

/** "Debian clang version …" and "clang version …" stand in DWARF's strings and nowhere else. */
const OF_THE_PRODUCER = [".debug_str", ".debug_str_offsets"];

function comparable(object: Uint8Array): Record<string, string> {
  const sections = readSections(object).filter(({ name }) => !OF_THE_PRODUCER.includes(name));
  return Object.fromEntries(
    sections.map(({ name, bytes }, index) => [`${index} ${name} (${bytes.length} bytes)`, bytes.toString("hex")]),
  );
}

const trainingFolder = join(repository, "toolchain/clang-wasm/train");
const sources: [string, () => { text: string; files: { path: string; text: string }[] }][] = [
  ...readdirSync(trainingFolder).map(
    (name) => [name, () => ({ text: readFileSync(join(trainingFolder, name), "utf8"), files: [] })] satisfies (typeof sources)[0],
  ),
  [
    "a script whose lines BTF quotes",
    () => {
      const file = scriptFile(temporaryDirectory(), GOOD_SCRIPT);
      return { text: programOf(file, GOOD_BODY).c, files: [file] };
    },
  ],
  [
    "a script behind symbolic links",
    () => {
      const directory = temporaryDirectory();
      mkdirSync(join(directory, "real"));
      scriptFile(join(directory, "real"), GOOD_SCRIPT);
      symlinkSync(join(directory, "real"), join(directory, "linked"));
      const file = { path: join(directory, "linked", "script.ts"), text: "" };
      return { text: programOf({ ...file, text: GOOD_SCRIPT.join("\n") }, GOOD_BODY).c, files: [file] };
    },
  ],
  [
    "a script that is gone, with its directory",
    () => {
      const file = { path: "/no/such/place/script.ts", text: GOOD_SCRIPT.join("\n") };
      return { text: programOf(file, GOOD_BODY).c, files: [file] };
    },
  ],
];

describeWhere([requireTwin], `the same as native clang ${artifact.version}`, () => {
  test.each(sources)("every section of %s", async (_, make) => {
    const { text, files } = make();
    const expected = comparable(await objectOf(native, text, files));
    expect(Object.keys(expected).some((name) => name.includes(".BTF.ext"))).toBe(true);
    expect(comparable(await objectOf(shared().compiler, text, files))).toEqual(expected);
  });

  test("its -cc1 line says what the driver's does", () => {
    const { stderr } = spawnSync(twin as string, [...driverArguments("object"), "-###"], { input: "", encoding: "utf8" });
    const line = stderr.split("\n").find((text) => text.includes('"-cc1"')) ?? "";
    const words = [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((match) => match[1] as string).slice(1);
    const withoutMeaning = ["-resource-dir", `/usr/lib/llvm-19/lib/clang/19`, "-fskip-odr-check-in-gmf"]; // for includes; for C++
    const driver = words.filter((word) => !withoutMeaning.includes(word) && !word.startsWith("-fcoverage-compilation-dir="));
    expect(cc1Arguments().sort()).toEqual(driver.sort());
  });

  const wrong: [string, string][] = [
    ["an unknown name", "int states(u64 *ctx) { return missing(ctx); }"],
    ["three mistakes", "int states(u64 *ctx) { u32 *p = ctx; int s = p; if (s) return 1; }"],
    ["too much stack", '#line 3 "/x/script.ts"\nint states(u64 *ctx) { char big[600]; return use(big); }'],
    ["signed division", "int states(s64 *ctx) { return ctx[0] / ctx[1]; }"],
    ["a syntax error", "int states(u64 *ctx) { return ctx[; }"],
    ["300 brackets", `int states(s64 *ctx) { return ${"(".repeat(300)}ctx[0]${")".repeat(300)}; }`],
    ["120 errors", `int states(u64 *ctx) {${"nothing;".repeat(120)}}`],
  ];
  test.each(wrong)("the messages for %s", async (_, text) => {
    const [mine, theirs] = await Promise.all(
      [shared().compiler, native].map((compiler) => compiler.compile({ text: PRELUDE + text, files: [] })),
    );
    if (mine?.ok !== false || theirs?.ok !== false) throw new Error("it compiled");
    expect({ end: mine.end, output: mine.output }).toEqual({ end: theirs.end, output: theirs.output });
    expect(mine.output).not.toBe("");
  });
});

test("it says which version it is", async () => {
  const object = await objectOf(
    shared().compiler,
    'const char version[] __attribute__((section("v"), used)) = __clang_version__;',
  );
  expect(
    readSections(object)
      .find(({ name }) => name === "v")
      ?.bytes.toString("latin1"),
  ).toMatch(/^19\.1\.7 /);
});

test("60 compiles in one process, all alike", async () => {
  const text = readFileSync(join(trainingFolder, "tcpstates.bpf.c"), "utf8");
  const { compiler, host } = shared();
  const first = Buffer.from(await objectOf(compiler, text));
  const [pid] = hostProcesses(host);
  for (let count = 1; count < 60; count++) expect(first.equals(await objectOf(compiler, text))).toBe(true);
  expect(hostProcesses(host)).toEqual([pid]);
}, 60_000);

describe("nesting", () => {
  const explain = async (statements: string) => {
    const program = programOf(scriptFile(temporaryDirectory(), GOOD_SCRIPT), `@LINE 1\nint states(u64 *ctx) {\n${statements}\n}`);
    const result = await shared().compiler.compile({ text: program.c, files: [] });
    return result.ok
      ? "compiled"
      : explainFailure(program, { ...result, compiler: "clang" }).map(({ code, message }) => `${code} ${message}`);
  };
  const tooDeep = ["TSP5010 this code is nested too deeply for clang (256 levels)"];

  test("what a script may hold compiles", async () => {
    const ifs = `${"if (ctx[1]) { ".repeat(120)}ctx[2] = 1; ${"}".repeat(120)}return 0;`;
    expect(await explain(ifs)).toBe("compiled");
    expect(await explain(`return ${"(".repeat(250)}ctx[0]${")".repeat(250)};`)).toBe("compiled");
    expect(await explain(`return ${Array(2000).fill("1").join(" + ")};`)).toBe("compiled");
  });

  test("beyond, it is said; the next compile works", async () => {
    expect(await explain(`return ${"!".repeat(100_000)}ctx[0];`)).toEqual(tooDeep);
    expect(await explain(`return ${Array(100_000).fill("1").join(" + ")};`)).toEqual(tooDeep);
    expect(await explain("return 0;")).toBe("compiled");
  });
});

describe("its process", () => {
  const WAT = { unreachable: [0x00], loop: [0x03, 0x40, 0x0c, 0, 0x0b], recursion: [0x10, 0] };
  /** memory.grow by 3 GiB, which must be refused (-1), else trap. */
  const GROW = [0x41, 0x80, 0x80, 0x03, 0x40, 0, 0x41, 0x7f, 0x47, 0x04, 0x40, 0, 0x0b];
  const nothing = { text: "", files: [] };

  test("does not hold up this one", async () => {
    const { compiler } = shared();
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const result = await compiler.compile({ text: readFileSync(join(trainingFolder, "state.bpf.c"), "utf8"), files: [] });
    clearInterval(timer);
    expect(result.ok).toBe(true);
    expect(turns).toBeGreaterThan(5);
  });

  test("a trap is a crash of the compiler, and is explained", async () => {
    const program = programOf(scriptFile(temporaryDirectory(), GOOD_SCRIPT), GOOD_BODY);
    const { compiler } = embedded({ artifact: pack(tinyModule(...WAT.unreachable)) });
    const result = await compiler.compile(nothing);
    if (result.ok) throw new Error("it compiled");
    const [diagnostic] = explainFailure(program, { ...result, compiler: compiler.description });
    expect(diagnostic).toMatchObject({
      code: "TSP5012",
      message: "clang 19.1.7 (embedded) crashed (unreachable) while compiling this script",
    });
  });

  test("endless recursion ends as clang's own limit does", async () => {
    const { compiler } = embedded({ artifact: pack(tinyModule(...WAT.recursion)) });
    expect(await compiler.compile(nothing)).toMatchObject({
      ok: false,
      end: { kind: "exit", code: 1 },
      output: "error: stack exhausted\n",
    });
  });

  test("more than 2 GiB of memory are not given", async () => {
    const { compiler } = embedded({ artifact: pack(tinyModule(...GROW)) });
    expect(await compiler.compile(nothing)).toMatchObject({
      end: { kind: "exit", code: 0 },
      output: expect.stringContaining("(0 bytes) is not a BPF object"),
    });
  });

  test("one that hangs is ended, and the next compile starts another", async () => {
    const { compiler, host } = embedded({ artifact: pack(tinyModule(...WAT.loop)), timeLimitSeconds: 0.5 });
    expect(await compiler.compile(nothing)).toMatchObject({ ok: false, end: { kind: "timeout", seconds: 0.5 } });
    expect(await compiler.compile(nothing)).toMatchObject({ ok: false, end: { kind: "timeout", seconds: 0.5 } });
    expect(hostProcesses(host)).toEqual([]);
  });

  test("an abort ends it, before and during the compile", async () => {
    const { compiler, host } = embedded({ artifact: pack(tinyModule(...WAT.loop)) });
    const abort = new AbortController();
    const compiling = compiler.compile(nothing, abort.signal);
    setTimeout(() => abort.abort(new Error("Ctrl-C")), 300);
    await expect(compiling).rejects.toThrow("Ctrl-C");
    await expect(compiler.compile(nothing, abort.signal)).rejects.toThrow("Ctrl-C");
    await compiler.stop?.();
    expect(hostProcesses(host)).toEqual([]);
  });

  test("start loads it, stop ends it, compile starts it again", async () => {
    const { compiler, host } = embedded({ directory: shared().directory, host: bundleHost(temporaryDirectory()) });
    compiler.start?.();
    compiler.start?.();
    expect(hostProcesses(host)).toHaveLength(1);
    await compiler.stop?.();
    expect(hostProcesses(host)).toEqual([]);
    expect((await objectOf(compiler, "int x;")).length).toBeGreaterThan(0);
  });

  test("killed from outside, it is a crash; Node's options are not for it", async () => {
    process.env.NODE_OPTIONS = "--no-such-option";
    const { compiler, host } = embedded({ artifact: pack(tinyModule(...WAT.loop)) });
    const compiling = compiler.compile(nothing);
    delete process.env.NODE_OPTIONS;
    setTimeout(() => process.kill(hostProcesses(host)[0] as number, "SIGTERM"), 300);
    expect(await compiling).toMatchObject({ ok: false, end: { kind: "signal", signal: "SIGTERM" } });
  });

  test("ends with the process that started it, even when that is killed", async () => {
    const directory = temporaryDirectory();
    const { host } = embedded({ directory });
    const setup = JSON.stringify({ packed: artifact.path, sha256: artifact.sha256, folder: directory });
    const parent = join(directory, "parent.mjs");
    writeFileSync(
      parent,
      `import { spawn } from "node:child_process"; spawn(process.execPath, [${JSON.stringify(host)}, ${JSON.stringify(setup)}]); setTimeout(() => process.kill(process.pid, "SIGKILL"), 200);`,
    );
    expect(spawnSync(process.execPath, [parent]).signal).toBe("SIGKILL");
    await expect.poll(() => hostProcesses(host), { timeout: 10_000 }).toEqual([]);
  });

  test("a host that cannot run is told as such", async () => {
    const directory = temporaryDirectory();
    const host = join(directory, "absent.mjs");
    const { compiler } = embedded({ host });
    const reason = `Error: Cannot find module '${host}'`;
    expect(await compiler.compile(nothing)).toMatchObject({ ok: false, end: { kind: "not-started", reason } });
  });

  test("a script's directory that cannot be opened does not matter", async () => {
    const directory = temporaryDirectory();
    const file = { path: join(executable(join(directory, "no-directory"), ""), "script.ts"), text: GOOD_SCRIPT.join("\n") };
    expect((await objectOf(shared().compiler, programOf(file, GOOD_BODY).c, [file])).length).toBeGreaterThan(0);
  });
});
