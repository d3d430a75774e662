import { spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";
import { ContentCache, type ContentCacheOptions } from "../../../../compiler/cache/content-cache.js";
import { temporaryDirectory } from "../clang/support.js";

const payload = Buffer.from("payload");

function openCache(options: Partial<ContentCacheOptions> = {}) {
  const directory = options.directory ?? temporaryDirectory();
  const said: string[] = [];
  const folder = join(directory, "things");
  const cache = new ContentCache({
    kind: "things",
    log: (message) => said.push(message.replace(/\/\S*\//, "")),
    ...options,
    directory,
  });
  const files = () => readdirSync(folder);
  /** Path of the one entry. */
  const entry = () => join(folder, files()[0] as string);
  return { cache, said, folder, files, entry, directory };
}

const NAME = /[0-9a-f]{64}/;

test("keeps bytes under a key, over runs, and knows nothing of other keys", () => {
  const { cache, directory, said } = openCache();
  expect(cache.read("a")).toBeUndefined();
  cache.write("a", payload);
  const later = openCache({ directory });
  expect(Buffer.from(later.cache.read("a") as Uint8Array).toString()).toBe("payload");
  expect(later.cache.read("b")).toBeUndefined();
  expect(said).toEqual([]);
});

describe("an entry that cannot be trusted is said, removed and can be written again", () => {
  const root = process.geteuid?.() === 0;
  const cases: [string, (path: string) => void, string][] = [
    ["bit flip", (path) => flip(path), "is damaged (its checksum differs); it is made anew"],
    ["truncation", (path) => writeFileSync(path, readFileSync(path).subarray(0, 70)), "is truncated; it is made anew"],
    ["empty file", (path) => writeFileSync(path, ""), "is not a tsprobe cache entry; it is made anew"],
    ["foreign file", (path) => writeFileSync(path, "#!/bin/sh\necho hello\n"), "is not a tsprobe cache entry; it is made anew"],
    ["writable by others", (path) => chmodSync(path, 0o666), "can be written by other users; it is made anew"],
    [
      "symbolic link",
      (path) => replaceBy(path, () => symlinkSync("/etc/hostname", path)),
      "cannot be opened (ELOOP); it is made anew",
    ],
    [
      "directory",
      (path) => replaceBy(path, () => mkdirSync(join(path, "in"), { recursive: true })),
      "is not a file; it is made anew",
    ],
  ];
  if (root) cases.push(["another owner", (path) => chownSync(path, 12_345, 12_345), "belongs to user 12345; it is made anew"]);
  else console.warn("skipped: an entry of another owner (changing owners needs root)");

  test.each(cases)("%s", (_, damage, words) => {
    const { cache, said, entry, files } = openCache();
    cache.write("a", payload);
    damage(entry());
    expect(cache.read("a")).toBeUndefined();
    expect(said.map((message) => message.replace(NAME, "X"))).toEqual([`cache: X ${words}`]);
    expect(files()).toEqual([]);
    cache.write("a", payload);
    expect(cache.read("a")).toEqual(payload);
    expect(said).toHaveLength(1);
  });

  test("a whole entry under another entry's name", () => {
    const { cache, said, entry, folder, files } = openCache();
    cache.write("a", payload);
    const first = entry();
    cache.write("b", Buffer.from("other"));
    const second = join(folder, files().find((name) => !first.endsWith(name)) as string);
    replaceBy(second, () => linkSync(first, second));
    expect(cache.read("b")).toBeUndefined();
    expect(said.map((message) => message.replace(NAME, "X"))).toEqual(["cache: X belongs to another key; it is made anew"]);
  });
});

function flip(path: string): void {
  const bytes = readFileSync(path);
  bytes[50] = (bytes[50] as number) ^ 1;
  writeFileSync(path, bytes);
}

function replaceBy(path: string, make: () => void): void {
  rmSync(path, { force: true });
  make();
}

test("a place that cannot be written is said and otherwise does no harm", () => {
  const directory = join(temporaryDirectory(), "file");
  writeFileSync(directory, "in the way");
  const { cache, said } = openCache({ directory });
  expect(cache.read("a")).toBeUndefined();
  cache.write("a", payload);
  expect(said.map((message) => message.replace(NAME, "X"))).toEqual(["cache: X cannot be written (ENOTDIR)"]);
});

test("only we can read what is kept", () => {
  const { cache, entry, folder } = openCache();
  cache.write("a", payload);
  expect(statSync(entry()).mode & 0o777).toBe(0o600);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

test("the longest unused entries go when there are too many or too large ones; reading counts as use", () => {
  const { cache, files, folder } = openCache({ maxEntries: 10 });
  const age = (hours: number) => {
    const seconds = Date.now() / 1000 - hours * 3600;
    for (const name of files()) utimesSync(join(folder, name), seconds, seconds);
  };
  for (let index = 0; index < 10; index++) cache.write(`old ${index}`, payload);
  age(48);
  expect(cache.read("old 3")).toBeDefined();
  cache.write("new", payload);
  expect(files()).toHaveLength(9);
  expect(cache.read("old 3")).toBeDefined();
  expect(cache.read("new")).toBeDefined();

  const small = openCache({ maxBytes: 10_000 });
  for (let index = 0; index < 12; index++) small.cache.write(`k ${index}`, Buffer.alloc(1000));
  expect(small.files().length).toBeLessThanOrEqual(9);
  expect(small.files().length).toBeGreaterThanOrEqual(7);
});

test("what killed runs left behind is removed, what running ones write is not", () => {
  const { cache, folder, files } = openCache();
  cache.write("a", payload);
  writeFileSync(join(folder, ".0011.tmp"), "half");
  writeFileSync(join(folder, ".2233.tmp"), "half");
  utimesSync(join(folder, ".0011.tmp"), 1, 1);
  cache.write("b", payload);
  expect(files().filter((name) => name.endsWith(".tmp"))).toEqual([".2233.tmp"]);
});

test("processes that write and read one key at once never see a torn entry", async () => {
  const directory = temporaryDirectory();
  const worker = join(directory, "worker.mjs");
  const code = `
    import { ContentCache } from "./compiler/cache/content-cache.js";
    const cache = new ContentCache({ directory: ${JSON.stringify(directory)}, kind: "objects", log: (m) => console.log(m) });
    let seen = 0;
    for (let round = 0; round < 60; round++) {
      cache.write("k", Buffer.alloc(200_000, round & 0xff));
      const bytes = cache.read("k");
      if (bytes === undefined) continue;
      seen++;
      if (bytes.length !== 200_000 || bytes.some((byte) => byte !== bytes[0])) console.log("torn");
    }
    console.log("seen " + seen);`;
  await build({
    stdin: { contents: code, resolveDir: process.cwd() },
    bundle: true,
    platform: "node",
    format: "esm",
    outfile: worker,
  });
  const outputs = await Promise.all([0, 1, 2].map(() => outputOf(worker)));
  expect(outputs).toEqual(["seen 60\n", "seen 60\n", "seen 60\n"]);
}, 30_000);

function outputOf(script: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script]);
    let text = "";
    child.stdout.on("data", (chunk) => (text += chunk));
    child.stderr.on("data", (chunk) => (text += chunk));
    child.on("error", reject);
    child.on("close", () => resolve(text));
  });
}
