import { expect, test } from "vitest";
import { describeWhere, requireRoot } from "../e2e/harness/requirements.js";
import { compareRuns } from "./harness/agreement.js";
import { makeInputs } from "./harness/inputs.js";
import { compileText, probeOf, runBoth, scriptOf } from "./harness/run.js";

const SOURCE = scriptOf(`
const opts = options({
  quick: opt.flag({ flag: "-q, --quick", help: "x" }),
  port: opt.u16({ flag: "-p, --port <n>", help: "x" }),
  limit: opt.u16({ flag: "--limit <n>", help: "x", default: 7 }),
  wide: opt.u32({ flag: "--wide-number <n>", help: "x" }),
  big: opt.u64({ flag: "--big <n>", help: "x" }),
  most: opt.u64({ flag: "--most <n>", help: "x", default: 18446744073709551615n }),
  ports: opt.u16Set({ flag: "-L, --ports <list>", help: "x" }),
  portsSize: opt.u32({ flag: "--ports-size <n>", help: "x", default: 3 }),
  text: opt.string({ flag: "--text <t>", help: "x" }),
  title: opt.string({ flag: "--title <t>", help: "x", default: "parity-test" }),
  nets: opt.cidrSet({ flag: "--nets <list>", help: "x" }),
});
${probeOf(
  "values",
  `const x = Number(a & 0xffffn);
  if (opts.quick && (b & 1n) === 1n) return { n, kind: "quick" };
  if (opts.port !== undefined && opts.port === x) return { n, kind: "port", port: opts.port, one: opts.port + 1 };
  const big = opts.big;
  return {
    n, kind: "all", quick: opts.quick, port: opts.port, limit: opts.limit, wide: opts.wide, big, most: opts.most, portsSize: opts.portsSize,
    limited: x > opts.limit, has: opts.ports.has(x), hasFixed: opts.ports.has(443), outside: opts.ports.has(Number(a & 0xfffffn)), negative: opts.ports.has(-1), size: opts.ports.size,
    isSet: opts.ports.size > 0 && !opts.ports.has(x & 0xff), equal: opts.wide === x, sum: (opts.port ?? 1) + opts.limit, bigger: big !== undefined && a > big, narrow: big === undefined ? 0n : big >> 1n,
    truthy: opts.port ? 1 : 0, mod: a % opts.most,
  };`,
)}
${probeOf(
  "inLoop",
  `const k = Number(b & 0xffn) - 128; let t = 0;
  for (let i = 5; i > -2; i -= 2) { if (opts.ports.has(~k)) continue; t += Number(ctx.args[Number(b & 3n)] & 0xffn); }
  return { n, t };`,
)}
${probeOf(
  "texts",
  `const name = comm();
  const text = opts.text;
  return {
    n, given: text !== undefined, text, title: opts.title, isTitle: name === opts.title, isText: text !== undefined && name === text, direct: opts.text === name,
    short: opts.title === "parity-test",
  };`,
)}
${probeOf(
  "networks",
  `const low = Number(a & 0xffffffffn);
  const any = ip(low);
  return {
    n, any, size: opts.nets.size, has: opts.nets.has(any), ten: opts.nets.has(ip(0x0401000a | ((low & 0xff) << 16))), near: opts.nets.has(ip(0x0000a8c0 | ((low & 0xff) << 24))),
    which: opts.nets.find(any), tenth: opts.nets.find(ip(0x0001000a | ((low & 0x3) << 24))), last: opts.nets.find(ip(0x0100007f)) + 1,
    negative: opts.nets.has(ip(-low)), direct: opts.nets.size > 0 && !opts.nets.has(ip(0x0100007f)),
  };`,
)}`);

const GIVEN = [
  [],
  [
    "--quick",
    "-p",
    "443",
    "--limit",
    "0",
    "--wide-number",
    "4294967295",
    "--big",
    "18446744073709551615",
    "--most",
    "5",
    "-L",
    "80,443,100-300,65535",
    "--ports-size",
    "9",
  ],
  ["-p", "0", "--big", "0", "-L", "0-65535", "--wide-number", "0"],
  ["--text", "parity-test", "--title", "parity-tes", "--nets", "10.0.0.0/8,192.168.0.128/25,::1"],
  ["--text", "x".repeat(63), "--title", "é", "--nets", "0.0.0.0/0"],
  ["--nets", "::/0"],
  // Which one: the smallest, in whatever order they are given.
  ["--nets", "0.0.0.0/0,10.0.1.0/31,10.0.0.0/8,10.0.1.2,::/0,127.0.0.0/8"],
];

const needs = [requireRoot];

describeWhere(needs, "options have the same value in the kernel and in Node", () => {
  test.each(GIVEN.map((argv) => [argv.join(" ") || "(none given)", argv] as const))("%s", async (_, argv) => {
    const inputs = makeInputs(150, 5);
    const { problems, same } = compareRuns(await runBoth(SOURCE, inputs, argv));
    expect(problems.slice(0, 10)).toEqual([]);
    // Each of the four probes answered every input.
    expect(same).toBe(4 * inputs.length);
  });

  test("one C text, and so one cached object, serves all values", async () => {
    const texts = [];
    for (const argv of GIVEN) texts.push((await compileText(SOURCE, argv)).program.c.replaceAll(/"\/[^"]*"/g, '"script.ts"'));
    expect(new Set(texts).size).toBe(1);
  });
});
