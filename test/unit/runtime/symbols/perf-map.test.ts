import { appendFileSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { PerfMap } from "../../../../runtime/symbols/perf-map.js";

const folder = mkdtempSync(join(tmpdir(), "tsprobe-perf-map-"));
afterAll(() => rmSync(folder, { recursive: true }));

const path = join(folder, "perf-1.map");
const owner = { uid: process.getuid?.() ?? 0, startedAtMs: 0 };
beforeEach(() => writeFileSync(path, "1000 20 first\n1020 10 JS:~f /a b.js:1:2\n"));

describe("PerfMap", () => {
  test("names by address, with blanks in them", () => {
    const map = new PerfMap(path, owner);
    expect(map.find(0x1000)).toEqual({ name: "first", start: 0x1000 });
    expect(map.find(0x102f)).toEqual({ name: "JS:~f /a b.js:1:2", start: 0x1020 });
    expect(map.find(0x1030)).toBeUndefined();
  });

  test("what is added later is found, a line that is not complete is waited for, and newer code hides older", () => {
    const map = new PerfMap(path, owner);
    expect(map.find(0x2000)).toBeUndefined();
    appendFileSync(path, "2000 10 sec");
    expect(map.find(0x2000)).toBeUndefined();
    appendFileSync(path, "ond\n1008 40 newer\n");
    expect(map.find(0x2000)?.name).toBe("second");
    expect(map.find(0x1007)?.name).toBe("first");
    expect(map.find(0x1010)?.name).toBe("newer");
    expect(map.find(0x1025)?.name).toBe("newer");
  });

  test("a file of another user, of an earlier process, or behind a link is not believed", () => {
    if (owner.uid !== 0) expect(new PerfMap(path, { ...owner, uid: owner.uid + 1 }).find(0x1000)).toBeUndefined();
    expect(new PerfMap(path, { ...owner, startedAtMs: Date.now() + 60_000 }).find(0x1000)).toBeUndefined();
    utimesSync(path, 1000, 1000);
    expect(new PerfMap(path, { ...owner, startedAtMs: 2_000_000 }).find(0x1000)).toBeUndefined();
    expect(new PerfMap(path, { ...owner, startedAtMs: 1_000_000 }).find(0x1000)?.name).toBe("first");
    symlinkSync(path, join(folder, "link"));
    expect(new PerfMap(join(folder, "link"), owner).find(0x1000)).toBeUndefined();
    expect(new PerfMap(join(folder, "none"), owner).find(0x1000)).toBeUndefined();
  });
});
