import { afterEach, describe, expect, test } from "vitest";
import { count, hash } from "../../../dsl/index.js";
import { Stack } from "../../../dsl/stack.js";
import { kstack, ksym, ustack, usym } from "../../../dsl/stack-values.js";
import { symbol, task } from "../../../dsl/test/index.js";

const found = [
  { symbol: "inner", offset: 0x1f, module: undefined },
  { symbol: "in;module", offset: 0, module: "nf_tables" },
  { symbol: "[prog]", offset: 0x1234, module: "prog" },
  { symbol: "0x7f00", offset: 0, module: "[ended]" },
];

function stackOf(lookups: number[] = []): Stack {
  return Stack.create([0n, 1n, 2n, 3n], (address) => {
    lookups.push(Number(address));
    return found[Number(address)] as (typeof found)[number];
  });
}

describe("Stack", () => {
  test("as text, in JSON, folded for flame graphs", () => {
    const stack = stackOf();
    expect(String(stack)).toBe("inner+0x1f\nin;module [nf_tables]\n[prog]+0x1234\n0x7f00 [ended]");
    expect(JSON.stringify({ stack })).toBe('{"stack":["inner+0x1f","in;module [nf_tables]","[prog]+0x1234","0x7f00 [ended]"]}');
    expect(stack.folded()).toBe("0x7f00;[prog];in:module;inner");
    expect(JSON.stringify(stack[0])).toBe('"inner+0x1f"');
  });

  test("an array of frames, whose names are looked up once, when asked for", () => {
    const lookups: number[] = [];
    const stack = stackOf(lookups);
    expect([stack.length, Array.isArray(stack), stack.isKept]).toEqual([4, true, true]);
    expect(stack.map(({ address }) => address)).toEqual([0n, 1n, 2n, 3n]);
    expect(stack.slice(1) instanceof Stack).toBe(false);
    expect(lookups).toEqual([]);
    expect([stack[1]?.symbol, stack[1]?.offset, stack[1]?.module]).toEqual(["in;module", 0, "nf_tables"]);
    expect(lookups).toEqual([1]);
  });

  test("cannot be changed: equal stacks are one object", () => {
    expect(() => stackOf().pop()).toThrow(TypeError);
    expect(() => stackOf().reverse()).toThrow(TypeError);
  });

  test("one that was not kept says so", () => {
    const lost = Stack.create([], () => found[0] as (typeof found)[number], false);
    expect([String(lost), lost.folded(), JSON.stringify(lost), lost.isKept]).toEqual([
      "[not kept]",
      "[not kept]",
      '["[not kept]"]',
      false,
    ]);
  });
});

describe("in Node", () => {
  afterEach(() => task({ kstack: [], ustack: [] }));

  test("stacks and names are those that the test gives", () => {
    expect([kstack().length, ustack().length]).toEqual([0, 0]);
    task({ kstack: ["schedule", "do_nanosleep"], ustack: ["read", "main"] });
    expect(String(kstack())).toBe("schedule\ndo_nanosleep");
    expect(String(ustack(1))).toBe("read");
    symbol(0xffffffff81000000n, "_stext");
    expect([ksym(0xffffffff81000000n), usym(0x1000n)]).toEqual(["_stext", "0x1000"]);
  });

  test("as keys, equal ones are one entry", () => {
    const calls = count().by("kstack");
    const last = hash({ key: "ustack", value: "u32" });
    for (const name of ["a", "b", "a"]) {
      task({ kstack: [name, "main"], ustack: [name] });
      calls.add(kstack());
      last.set(ustack(), name.length);
    }
    expect([...calls.entries()].map(([stack, value]) => [String(stack), Number(value)])).toEqual([
      ["a\nmain", 2],
      ["b\nmain", 1],
    ]);
    expect(last.size).toBe(2);
  });
});
