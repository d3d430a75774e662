import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { artifact, bundleHost, embedded, makeEmbedded, pack, tinyModule } from "./embedded-support.js";
import { temporaryDirectory } from "./support.js";

const nothing = { text: "", files: [] };
const DAY_MS = 24 * 3_600_000;

/** Traps at once: that the module ran is seen by this. */
const RAN = { kind: "signal", signal: "unreachable" };

/** A small module in place of the real one: what is tested is how it is kept. */
function setUp() {
  const packed = pack(tinyModule(0x00));
  const directory = temporaryDirectory();
  const folder = join(directory, "clang");
  const host = bundleHost(temporaryDirectory());
  /** One run of tsprobe: how the compile ended, and what was said. */
  const run = async (from = packed) => {
    const { compiler, said } = makeEmbedded({ directory, host, artifact: from });
    const result = await compiler.compile(nothing);
    await compiler.stop?.();
    return { end: result.ok ? undefined : result.end, said };
  };
  const kept = () => readdirSync(folder).filter((name) => name.endsWith(".wasm"));
  const file = () => join(folder, kept()[0] as string);
  return { packed, directory, folder, run, kept, file };
}

const again = (problem: string) => ({
  end: RAN,
  said: [`embedded clang: /clang/clang-bpf-….wasm ${problem}; it is unpacked again`],
});
const silently = { end: RAN, said: [] };

describe("the unpacked module", () => {
  test("is made by the first run, for this user alone, and used by the next", async () => {
    const { run, kept, file, packed } = setUp();
    expect(await run()).toEqual(silently);
    expect(kept()).toEqual([`clang-bpf-${packed.sha256.slice(0, 16)}.wasm`]);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    const { ino } = statSync(file());
    rmSync(packed.path);
    expect(await run()).toEqual(silently);
    expect(statSync(file()).ino).toBe(ino);
  });

  const damages: [string, (path: string) => void, string][] = [
    [
      "a flipped bit",
      (path) => {
        const bytes = readFileSync(path);
        bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 0x10;
        writeFileSync(path, bytes);
      },
      "is damaged (its checksum differs)",
    ],
    ["a lost end", (path) => writeFileSync(path, readFileSync(path).subarray(0, -5)), "is truncated or no module of tsprobe"],
    ["no content", (path) => writeFileSync(path, ""), "is truncated or no module of tsprobe"],
    ["something else", (path) => writeFileSync(path, "x".repeat(1000)), "is truncated or no module of tsprobe"],
    ["write permission for others", (path) => chmodSync(path, 0o666), "can be written by other users"],
    [
      "a directory in its place",
      (path) => {
        rmSync(path);
        mkdirSync(path);
      },
      "is not a file",
    ],
  ];
  test.each(damages)("with %s it is unpacked again", async (_, damage, problem) => {
    const { run, file } = setUp();
    await run();
    damage(file());
    expect(await run()).toEqual(again(problem));
    expect(await run()).toEqual(silently);
  });

  test("of another user is not used", async (context) => {
    if (process.geteuid?.() !== 0) context.skip("only root can give files away");
    const { run, file } = setUp();
    await run();
    execFileSync("chown", ["65534", file()]);
    expect(await run()).toEqual(again("belongs to user 65534"));
    expect(await run()).toEqual(silently);
  });

  test("of another version, under this one's name, is not used", async () => {
    const { run, file, kept, folder } = setUp();
    const other = pack(Buffer.concat([tinyModule(0x00), Buffer.from([0, 2, 1, 0x78])]));
    await run(other);
    const foreign = file();
    await run();
    const own = join(folder, kept().find((name) => join(folder, name) !== foreign) as string);
    renameSync(foreign, own);
    expect(await run()).toEqual(again("belongs to another version"));
  });

  test("behind a symbolic link or a pipe is neither used nor waited for", async () => {
    const { run, file } = setUp();
    await run();
    const path = file();
    renameSync(path, `${path}.real`);
    symlinkSync(`${path}.real`, path);
    expect(await run()).toEqual(again("cannot be opened (ELOOP)"));
    expect(statSync(path).isFile()).toBe(true);
    rmSync(path);
    execFileSync("mkfifo", [path]);
    expect(await run()).toEqual(again("is not a file"));
  });

  test("of other versions goes when it was not used for a week, as do temporary files", async () => {
    const { run, folder } = setUp();
    mkdirSync(folder, { recursive: true });
    const old = (name: string, days: number) => {
      writeFileSync(join(folder, name), "");
      const then = (Date.now() - days * DAY_MS) / 1000;
      utimesSync(join(folder, name), then, then);
    };
    old("clang-bpf-0123456789abcdef.wasm", 8);
    old("clang-bpf-fedcba9876543210.wasm", 6);
    old(".0123.tmp", 8);
    old("something else", 8);
    await run();
    expect(readdirSync(folder)).toHaveLength(3);
    expect(existsSync(join(folder, "clang-bpf-fedcba9876543210.wasm"))).toBe(true);
    expect(existsSync(join(folder, "something else"))).toBe(true);
  });

  test("in use is marked as used", async () => {
    const { run, file } = setUp();
    await run();
    utimesSync(file(), 1000, 1000);
    await run();
    expect(Date.now() - statSync(file()).mtimeMs).toBeLessThan(DAY_MS);
  });
});

test("without a directory that can be written, the packed module is used each time", async () => {
  const { run, directory, folder } = setUp();
  writeFileSync(folder, "in the way");
  for (let count = 0; count < 2; count++) {
    const { end, said } = await run();
    expect(end).toEqual(RAN);
    expect(said).toEqual(["embedded clang: /clang/clang-bpf-….wasm cannot be written (ENOTDIR)"]);
  }
  expect(readdirSync(directory)).toEqual(["clang"]);
});

test("a cache directory that was removed is not made again", async () => {
  const { run, directory } = setUp();
  rmSync(directory, { recursive: true });
  expect(await run()).toEqual({ end: RAN, said: ["embedded clang: /clang/clang-bpf-….wasm cannot be written (ENOENT)"] });
  expect(existsSync(directory)).toBe(false);
});

test("many runs at once on an empty cache: each works, one whole file is left", async () => {
  const { run, folder, kept } = setUp();
  const ended = await Promise.all(Array.from({ length: 6 }, () => run()));
  expect(ended).toEqual(ended.map(() => silently));
  expect(kept()).toHaveLength(1);
  expect(readdirSync(folder)).toHaveLength(1);
  expect(await run()).toEqual(silently);
});

describe("a packed module", () => {
  test("that is damaged is refused", async () => {
    const { run, packed, folder } = setUp();
    writeFileSync(packed.path, readFileSync(packed.path).fill(0, 20, 24));
    const reason = `${packed.path} is damaged (its checksum differs): install tsprobe again`;
    expect((await run()).end).toEqual({ kind: "not-started", reason });
    expect(existsSync(folder)).toBe(false);
  });

  test("that is gone is told", async () => {
    const { run, packed } = setUp();
    rmSync(packed.path);
    expect((await run()).end).toEqual({ kind: "not-started", reason: expect.stringContaining("ENOENT") });
  });
});

test("two at once with the real module on an empty cache", async () => {
  const directory = temporaryDirectory();
  const source = { text: "int x;", files: [] };
  const both = [embedded({ directory }), embedded({ directory })];
  const results = await Promise.all(both.map(({ compiler }) => compiler.compile(source)));
  expect(results.map(({ ok }) => ok)).toEqual([true, true]);
  await Promise.all(both.map(({ compiler }) => compiler.stop?.()));
  expect(readdirSync(join(directory, "clang"))).toEqual([`clang-bpf-${artifact.sha256.slice(0, 16)}.wasm`]);
  const { compiler, said } = embedded({ directory });
  expect((await compiler.compile(source)).ok).toBe(true);
  expect(said).toEqual([]);
}, 60_000);
