import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { ContentCache } from "../../../../compiler/cache/content-cache.js";
import { cacheDirectory } from "../../../../compiler/cache/directory.js";
import { temporaryDirectory } from "../clang/support.js";

const user = process.geteuid?.() as number;
const root = user === 0;
if (!root) console.warn("skipped: tests of other users' directories (changing owners needs root)");

let base: string;
beforeEach(() => {
  base = temporaryDirectory();
  const temporary = join(base, "tmp");
  mkdirSync(temporary);
  vi.stubEnv("TMPDIR", temporary);
  return () => vi.unstubAllEnvs();
});

/** What the call says, with this test's directory shortened. */
function ask(env: NodeJS.ProcessEnv, home?: string) {
  const { path, fallback, reason } = cacheDirectory(env, home ?? join(base, "passwd-home"));
  const short = (text: string) => text.replaceAll(base, "");
  return { path: short(path), fallback, ...(reason === undefined ? {} : { reason: short(reason) }) };
}

describe("which place is taken", () => {
  test("TSPROBE_CACHE_DIR before XDG_CACHE_HOME before HOME", () => {
    const env = { TSPROBE_CACHE_DIR: join(base, "own"), XDG_CACHE_HOME: join(base, "xdg"), HOME: join(base, "home") };
    expect(ask(env)).toEqual({ path: "/own", fallback: false });
    expect(ask({ ...env, TSPROBE_CACHE_DIR: "" })).toEqual({ path: "/xdg/tsprobe", fallback: false });
    expect(ask({ HOME: env.HOME })).toEqual({ path: "/home/.cache/tsprobe", fallback: false });
    expect(ask({})).toEqual({ path: "/passwd-home/.cache/tsprobe", fallback: false });
  });

  test("a relative XDG_CACHE_HOME is ignored, a relative TSPROBE_CACHE_DIR refused", () => {
    expect(ask({ XDG_CACHE_HOME: "xdg", HOME: join(base, "home") })).toEqual({ path: "/home/.cache/tsprobe", fallback: false });
    expect(ask({ TSPROBE_CACHE_DIR: "here", HOME: join(base, "home") })).toEqual({
      path: "/home/.cache/tsprobe",
      fallback: true,
      reason: "here is not an absolute path",
    });
  });

  test("it is made for us alone", () => {
    const { path } = cacheDirectory({ HOME: join(base, "home") });
    expect(statSync(path).mode & 0o777).toBe(0o700);
  });
});

function makeOpen(path: string): void {
  mkdirSync(path);
  chmodSync(path, 0o755);
}

function makeLink(path: string): void {
  mkdirSync(`${path}-x`, { mode: 0o700 });
  symlinkSync(`${path}-x`, path);
}

describe("places that cannot be used", () => {
  const blocked = () => {
    writeFileSync(join(base, "file"), "in the way");
    return { env: { HOME: join(base, "file") }, home: join(base, "file") };
  };

  test("nothing can be made there: a private folder in the temporary directory", () => {
    const { env, home } = blocked();
    const expected = {
      path: `/tmp/tsprobe-cache-${user}`,
      fallback: true,
      reason: "/file/.cache/tsprobe cannot be used (ENOTDIR)",
    };
    expect(ask(env, home)).toEqual(expected);
    expect(ask(env, home)).toEqual(expected);
    expect(statSync(join(base, expected.path)).mode & 0o777).toBe(0o700);
  });

  test.runIf(existsSync("/proc/self"))("a parent that says ENOENT of what is made in it is not asked for ever", () => {
    const reason = (path: string) => `${path} cannot be used (ENOENT)`;
    for (const [env, path] of [
      [{ TSPROBE_CACHE_DIR: "/proc/x" }, "/proc/x"],
      [{ XDG_CACHE_HOME: "/proc/x/y" }, "/proc/x/y/tsprobe"],
      [{ HOME: "/proc/x" }, "/proc/x/.cache/tsprobe"],
    ] as const)
      expect(ask(env)).toEqual({ path: "/passwd-home/.cache/tsprobe", fallback: true, reason: reason(path) });
    // The place of last resort, too: entries are then not kept.
    vi.stubEnv("TMPDIR", "/proc/x");
    const { path } = ask({ HOME: "/proc/x" }, "/proc/x");
    const said: string[] = [];
    new ContentCache({ directory: path, kind: "objects", log: (text) => said.push(text) }).write("key", Buffer.from("value"));
    expect(said).toEqual([expect.stringContaining("ENOENT")]);
  });

  test("a file in its place", () => {
    writeFileSync(join(base, "file"), "in the way");
    expect(ask({ TSPROBE_CACHE_DIR: join(base, "file") })).toMatchObject({ fallback: true, reason: "/file is not a directory" });
  });

  test("writable by others: refused", () => {
    const open = join(base, "open");
    mkdirSync(open);
    chmodSync(open, 0o777);
    expect(ask({ TSPROBE_CACHE_DIR: open, HOME: join(base, "home") })).toEqual({
      path: "/home/.cache/tsprobe",
      fallback: true,
      reason: "/open can be written by other users",
    });
  });

  test.each([
    ["open to others", (path: string) => makeOpen(path), "is open to other users"],
    ["a link", (path: string) => makeLink(path), "is not a directory"],
    ["a file", (path: string) => writeFileSync(path, ""), "is not a directory"],
  ])("a folder planted in the temporary directory: %s", (_, plant, words) => {
    const { env, home } = blocked();
    plant(join(base, "tmp", `tsprobe-cache-${user}`));
    const got = ask(env, home);
    expect(got.path).toMatch(/^\/tmp\/tsprobe-cache-\w{6}$/);
    expect(got.reason).toBe(`/file/.cache/tsprobe cannot be used (ENOTDIR); /tmp/tsprobe-cache-${user} ${words}`);
    expect(statSync(join(base, got.path)).mode & 0o777).toBe(0o700);
  });
});

describe.runIf(root)("root", () => {
  test("leaves nothing in a user's home, and trusts nothing there", () => {
    const home = join(base, "home");
    mkdirSync(join(home, ".cache"), { recursive: true });
    chownSync(home, 12_345, 12_345);
    chownSync(join(home, ".cache"), 12_345, 12_345);
    expect(ask({ HOME: home, SUDO_UID: "12345" })).toEqual({
      path: "/passwd-home/.cache/tsprobe",
      fallback: true,
      reason: "/home/.cache/tsprobe lies in a directory of user 12345, and root keeps its cache to itself",
    });
    mkdirSync(join(home, ".cache", "tsprobe"));
    chownSync(join(home, ".cache", "tsprobe"), 12_345, 12_345);
    expect(ask({ XDG_CACHE_HOME: join(home, ".cache") }).path).toBe("/passwd-home/.cache/tsprobe");
    expect(readdirSync(join(home, ".cache", "tsprobe"))).toEqual([]);
  });

  test("a user without a writable home gets a temporary folder, and refuses one that root made for it", async () => {
    const script = join(base, "ask.mjs");
    const contents = `import { cacheDirectory } from "./compiler/cache/directory.js"; console.log(JSON.stringify(cacheDirectory({ HOME: "/root" }, undefined)));`;
    await build({
      stdin: { contents, resolveDir: process.cwd() },
      bundle: true,
      platform: "node",
      format: "esm",
      outfile: script,
    });
    for (const path of [base, join(base, "tmp")]) chmodSync(path, 0o777);
    const run = () => {
      const { stdout, stderr } = spawnSync(process.execPath, [script], {
        uid: 12_345,
        gid: 12_345,
        cwd: "/",
        env: { TMPDIR: join(base, "tmp") },
        encoding: "utf8",
      });
      return JSON.parse(stdout || JSON.stringify(stderr)) as { path: string; reason: string };
    };
    const first = run();
    expect(first.path).toBe(join(base, "tmp", "tsprobe-cache-12345"));
    expect(first.reason).toMatch(/^\/root\/.cache\/tsprobe cannot be used \(EACCES\)$/);
    expect(statSync(first.path)).toMatchObject({ uid: 12_345 });
    chownSync(first.path, 0, 0);
    const second = run();
    expect(second.path).not.toBe(first.path);
    expect(second.reason).toMatch(/tsprobe-cache-12345 belongs to user 0$/);
    // Nothing refers to such a folder after the process: it must not stay.
    expect(existsSync(second.path)).toBe(false);
  });
});
