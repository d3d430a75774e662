import { randomBytes } from "node:crypto";
import { readlinkSync } from "node:fs";
import { basename } from "node:path";
import { expect, test } from "vitest";
import { cutText } from "../../dsl/shape.js";
import { addressOf } from "../../runtime/ffi/memory.js";
import { collect } from "./harness/collect.js";
import { onOwnCall, ownCall } from "./harness/own-call.js";
import { describeWhere, requireFile, requireRoot } from "./harness/requirements.js";

const needs = [requireRoot, requireFile("/sys/kernel/btf/vmlinux")];

/** Memory of this process that stays where it is while it is used. */
const held: Buffer[] = [];
function place(data: string | Uint8Array): bigint {
  const buffer = typeof data === "string" ? Buffer.from(`${data}\0`) : Buffer.from(data);
  held.push(buffer);
  return addressOf(buffer);
}

/** A file name in the kernel's memory: that of the program that runs. */
const EXE = "curtask().mm?.exe_file?.f_path.dentry?.d_name.name ?? 0n";
const exe = basename(readlinkSync("/proc/self/exe"));

describeWhere(needs, "texts and bytes from memory", () => {
  test("userStr: texts of any length, cut where the size says, and none where there is no memory", async () => {
    const texts = ["", "a", "größe ✓ 🚀", "x".repeat(63), "y".repeat(64), "z".repeat(300), "p".repeat(4095), "q".repeat(5000)];
    const { streams, counters } = await collect(
      onOwnCall(
        "userStr",
        `const short = userStr(ctx.args[0]);
  const long = userStr(ctx.args[0], 256);
  return { short, again: userStr(ctx.args[0]), long, direct: userStr(ctx.args[0], 4096), tiny: userStr(ctx.args[0], 4) ?? "none",
    known: short !== undefined, both: long ?? short ?? "?", is: short === "a", empty: short ? false : true };`,
      ),
      async () => {
        for (const text of texts) ownCall(place(text));
        ownCall(0n);
        ownCall(0xffff_8000_0000_0000n);
      },
    );
    const cut = (text: string, size: number) => cutText(text, size - 1);
    expect(counters).toEqual([]);
    expect(streams[0]).toEqual([
      ...texts.map((text) => ({
        short: cut(text, 64),
        again: cut(text, 64),
        long: cut(text, 256),
        direct: cut(text, 4096),
        tiny: cut(text, 4),
        known: true,
        both: cut(text, 256),
        is: text === "a",
        empty: text === "",
      })),
      ...[0, 1].map(() => ({
        short: undefined,
        again: undefined,
        long: undefined,
        direct: undefined,
        tiny: "none",
        known: false,
        both: "?",
        is: false,
        empty: true,
      })),
    ]);
  });

  test("str: a text of the kernel, on the stack, in scratch memory and directly in the event", async () => {
    const { streams, counters } = await collect(
      onOwnCall(
        "curtask, str",
        `const at = ${EXE};
  const short = str(at), long = str(at, 1000);
  return { short, long, direct: str(at, 4096), again: str(at), cut: str(at, 3), long2: long, same: short === long, pick: ctx.args[0] > 1n ? long : "neither" };`,
      ),
      async () => {
        ownCall(1n);
        ownCall(2n);
      },
    );
    expect(counters).toEqual([]);
    const all = { short: exe, long: exe, direct: exe, again: exe, cut: exe.slice(0, 2), long2: exe, same: true };
    expect(streams[0]).toEqual([
      { ...all, pick: "neither" },
      { ...all, pick: exe },
    ]);
  });

  test("str and bytes of kernel memory that cannot be read end the run, which is counted", async () => {
    for (const body of [
      "return { s: str(ctx.args[0]) };",
      "const s = str(ctx.args[0], 500); return { s };",
      "return { s: bytes(ctx.args[0], 8) };",
      "const s = bytes(ctx.args[0], 300); return { s: s[7] };",
    ]) {
      const { streams, counters } = await collect(onOwnCall("bytes, str", body), async () => {
        ownCall(16n);
        ownCall(32n);
      });
      expect(streams[0]).toEqual([]);
      expect(counters).toMatchObject([{ site: { reason: "read" }, count: 2n }]);
    }
  });

  test("a discarded record leaves the ring as it should be", async () => {
    const { streams } = await collect(
      onOwnCall("curtask, str", `return { n: ctx.args[1], s: str(ctx.args[0] === 0n ? ${EXE} : 16n, 4096) };`),
      async () => {
        for (let i = 0; i < 900; i++) ownCall(BigInt(i % 3), BigInt(i));
      },
    );
    expect(streams[0]).toEqual(Array.from({ length: 300 }, (_, i) => ({ n: BigInt(3 * i), s: exe })));
  });

  test("userBytes and bytes: exact, of every size, by element and as a whole", async () => {
    const random = randomBytes(4096);
    const { streams, counters } = await collect(
      onOwnCall(
        "bytes, curtask, userBytes",
        `const four = userBytes(ctx.args[0], 4), many = userBytes(ctx.args[0], 200);
  const i = Number(ctx.args[1] & 0xffn);
  const name = bytes(${EXE}, 4);
  return { four, many, all: userBytes(ctx.args[0], 4096), none: userBytes(1n, 16), first: four?.[0], at: many !== undefined && i < 200 ? many[i] : -1, name, letter: name[0] };`,
      ),
      async () => {
        ownCall(place(random), 0n);
        ownCall(place(random), 199n);
      },
    );
    expect(counters).toEqual([]);
    expect(streams[0]).toEqual(
      [0, 199].map((i) => ({
        four: new Uint8Array(random.subarray(0, 4)),
        many: new Uint8Array(random.subarray(0, 200)),
        all: new Uint8Array(random),
        none: undefined,
        first: random[0],
        at: random[i],
        name: new Uint8Array(Buffer.from(`${exe}\0\0\0`).subarray(0, 4)),
        letter: exe.charCodeAt(0),
      })),
    );
  });

  test("long texts through helpers, records and optionals keep their own bytes", async () => {
    const host = `
const read = fn((at: bigint) => userStr(at, 200));
const both = fn((x: bigint, y: bigint) => ({ x: read(x) ?? "no x", y: read(y) ?? "no y" }));
const isTmp = fn((path: string) => path.startsWith("/tmp/"));`;
    const { streams, counters } = await collect(
      onOwnCall(
        "fn, userStr",
        `const one = read(ctx.args[0]), two = read(ctx.args[1]);
  const pair = both(ctx.args[0], ctx.args[1]);
  const swapped = both(ctx.args[1], ctx.args[0]);
  const maybe = ctx.args[2] === 0n ? pair : undefined;
  let best = one;
  if (ctx.args[2] === 0n) best = two;
  return { one, two, pair, x: swapped.x, maybe, best, tmp: isTmp(pair.x), rest: maybe?.y ?? "none" };`,
        host,
      ),
      async () => {
        ownCall(place(`/tmp/${"a".repeat(100)}`), place("/var/b"), 0n);
        ownCall(place("/var/b"), 0n, 1n);
      },
    );
    const long = `/tmp/${"a".repeat(100)}`;
    expect(counters).toEqual([]);
    expect(streams[0]).toEqual([
      {
        one: long,
        two: "/var/b",
        pair: { x: long, y: "/var/b" },
        x: "/var/b",
        maybe: { x: long, y: "/var/b" },
        best: "/var/b",
        tmp: true,
        rest: "/var/b",
      },
      {
        one: "/var/b",
        two: undefined,
        pair: { x: "/var/b", y: "no y" },
        x: "no x",
        maybe: undefined,
        best: "/var/b",
        tmp: false,
        rest: "none",
      },
    ]);
  });

  test("str of a dynamic text of a tracepoint: more of it than 64 bytes", async () => {
    const { mkdtempSync, copyFileSync, rmSync } = await import("node:fs");
    const { spawnSync } = await import("node:child_process");
    const folder = mkdtempSync(`/tmp/tsprobe-${"long-".repeat(20)}`);
    const path = `${folder}/${"n".repeat(100)}`;
    try {
      copyFileSync("/bin/true", path);
      let child = 0;
      const { streams } = await collect(
        `import { pid, ppid, str, tracepoint } from "tsprobe";
export const started = tracepoint("sched:sched_process_exec", (ctx) => {
  if (ppid() !== ${process.pid}) return;
  const path = str(ctx.filename, 300);
  return { pid: pid(), path, direct: str(ctx.filename, 4096), short: ctx.filename, ours: path.startsWith("/tmp/tsprobe-") };
});`,
        async () => {
          child = spawnSync(path).pid;
        },
      );
      expect(streams[0]).toEqual([{ pid: child, path, direct: path, short: path.slice(0, 63), ours: true }]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
