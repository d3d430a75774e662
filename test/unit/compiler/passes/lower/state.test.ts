import { describe, expect, test } from "vitest";
import { irOf, refusalsOf, valueIr } from "./lowered.js";

const HOST = `import * as t from "tsprobe";
const short = hash({ key: "u32", value: "u16" });
const flows = hash({ key: "u32", value: { packets: "u32", bytes: "u64" } });
const bytes = hash({ key: "u32", value: "u64" });
const cells = t.array({ value: "u32", length: 8 });
const pairs = hash({ key: ["u32", "comm"], value: ["u64", "bool"] });
const base = t.count();
const calls = base.by("u32");
const all = t.count();
const latency = t.hist();
const files = t.stash({ key: "u32", value: { id: "s64" } });`;

const refused = async (line: string) => (await refusalsOf(line, HOST))[0];

describe("what is refused", () => {
  test.each([
    ["short.add(1, 2);", "TSP2401", "short holds number, to which add() cannot add", "short.add(1, 2)"],
    ["flows.incr(1);", "TSP2401", "flows holds { packets: number; bytes: bigint }, to which incr() cannot add", "flows.incr(1)"],
    ["flows.add(1, 2);", "TSP2402", "flows holds records: say here to which fields what is added", "2"],
    ["flows.add(1, { packet: 2 });", "TSP2120", "flows has no field packet", "{ packet: 2 }"],
    ["bytes.add(1, 2);", "TSP2203", "bytes holds bigint here, not number", "2"],
    ["bytes.clear();", "TSP2118", "a map has no clear() in kernel code", "bytes.clear()"],
    ["cells.get(8);", "TSP2117", "the index is never inside cells, which has 8 values", "8"],
    ["cells.get(ctx.id);", "TSP2203", "an index must be a number, not a bigint", "ctx.id"],
    ["cells.delete(1);", "TSP2118", "a map has no delete() in kernel code", "cells.delete(1)"],
    ["pairs.get([1]);", "TSP2400", "the key of pairs holds the tuple [number, string], not number[]", "[1]"],
    ["pairs.get([1, 2]);", "TSP2201", "the key of pairs[1] holds a text of up to 15 bytes here, not number", "2"],
    ["const p = [1, comm()]; return { v: p[2] };", "TSP2117", "the index is never inside the tuple, which has 2 elements", "2"],
    ["const p = [1, comm()]; return { v: p[pid()] };", "TSP2404", "an element of a tuple is named by a constant index", "pid()"],
    ["return { v: [ctx] };", "TSP2131", "the handler's context cannot be an element of an array in kernel code", "ctx"],
    ["return { v: [1, ctx] };", "TSP2131", "the handler's context cannot be an element of an array in kernel code", "ctx"],
    ["base.add();", "TSP2403", "base is no aggregation of this script", "base.add"],
    ["calls.add();", "TSP2119", "this call needs 1 argument, not 0", "calls.add()"],
    ["all.add(1);", "TSP2119", "this call needs 0 arguments, not 1", "all.add(1)"],
    ["latency.add(comm());", "TSP2201", "this needs a number or a bigint, not string", "comm()"],
    ["latency.read();", "TSP2118", "an aggregation has no read() in kernel code", "latency.read()"],
    ["all.by(pid()).add();", "TSP2118", "an aggregation has no by() in kernel code", "all.by(pid())"],
    ["return { v: latency };", "TSP2111", "latency is an aggregation, which has no value in kernel code", "latency"],
    ["files.put(1);", "TSP2119", "this call needs 2 arguments, not 1", "files.put(1)"],
    ["files.put(1, { id: 1n, ns: 1n });", "TSP2120", "files has no field ns", "{ id: 1n, ns: 1n }"],
    ["files.take(1, 5);", "TSP2203", "nanoseconds are a bigint here, not a number", "5"],
    ["files.get(1);", "TSP2118", "a stash has no get() in kernel code", "files.get(1)"],
  ])("%s", async (line, code, message, at) => {
    expect(await refused(line)).toMatchObject({ code, message, at });
  });

  test("says what to do", async () => {
    expect((await refused("short.incr(1);"))?.hints).toEqual([
      'the kernel adds to integers of 32 and 64 bits, and records of these: declare the value as "u32", "u64", "s32" or "s64"',
    ]);
    expect((await refused("base.add();"))?.hints).toEqual([
      "an aggregation on which .by(…) was called is replaced by what that returns: use that",
    ]);
    expect((await refused("bytes.ad(1, 1n);"))?.hints).toEqual(["did you mean .add()?"]);
  });
});

describe("what becomes of it", () => {
  test("an index that is known to be inside needs no check", async () => {
    expect(await valueIr("return { v: cells.get(pid() & 7) };", HOST)).toBe("cells.get((pid() & 7))");
    expect(await valueIr("return { v: cells.get(pid()) };", HOST)).toBe("cells.get(below!8(pid()))");
  });

  test("values of aggregations are signed; what may not fit is checked", async () => {
    const lines = await irOf("latency.add(ctx.id); latency.add(ctx.args[0]); latency.add(pid());", HOST);
    expect(lines).toEqual([
      "latency.add(ctx.id)",
      "latency.add(convert!<s64[0..9223372036854775807]>(ctx.args[0]))",
      "latency.add(convert<s64[0..4294967295]>(pid()))",
    ]);
  });

  test("tuples: literals, elements, and arrays of alike elements that become tuples", async () => {
    expect(await valueIr("const p = [ctx.id, comm(), true] as const; return { v: p[1] };", HOST)).toBe("p.1");
    expect(await irOf("const k = [1, 2]; bytes.set(t.pid(), 1n); return { v: k };", HOST)).toHaveLength(3);
    expect(await irOf('pairs.set([1, "a"], [5n, true]);', HOST)).toEqual([
      'pairs.set({ 0: label<number[0..4294967295]>(1), 1: "a" }, { 0: label<u64[0..18446744073709551615]>(5n), 1: label<boolean>(true) })',
    ]);
  });

  test("adding names the fields that are given", async () => {
    expect(await irOf("flows.add(1, { bytes: 5n });", HOST)).toEqual([
      "flows.add(label<number[0..4294967295]>(1), { bytes: label<u64[0..18446744073709551615]>(5n) })",
    ]);
  });
});
