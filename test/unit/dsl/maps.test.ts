import { beforeEach, describe, expect, test } from "vitest";
import { hash, lruHash } from "../../../dsl/maps.js";
import { beginScript, type Script } from "../../../dsl/script.js";
import { refusalOf } from "./refusal.js";

let script: Script;
beforeEach(() => {
  script = beginScript([]);
});

describe("a map in Node", () => {
  test("get, has, set, delete, clear", () => {
    const map = hash({ key: "u32", value: "u64" });
    expect([map.get(1), map.has(1), map.delete(1)]).toEqual([undefined, false, false]);
    map.set(1, 2n);
    expect([map.get(1), map.has(1), map.delete(1), map.get(1)]).toEqual([2n, true, true, undefined]);
    map.set(1, 2n);
    map.clear();
    expect(map.has(1)).toBe(false);
  });

  test("a stored zero is there", () => {
    const map = hash({ key: "u32", value: "u64" });
    map.set(0, 0n);
    expect([map.get(0), map.has(0)]).toEqual([0n, true]);
  });

  test("keys and values wrap to their width, as in the kernel", () => {
    const map = hash({ key: "u8", value: "s16" });
    map.set(257, 40_000);
    expect([map.get(1), map.get(513)]).toEqual([-25_536, -25_536]);
    const wide = hash({ key: "s64", value: "u64" });
    wide.set(-1n, -1n);
    expect(wide.get(2n ** 64n - 1n)).toBe(2n ** 64n - 1n);
  });

  test("records as keys and values are compared by value and copied", () => {
    const map = hash({ key: { pid: "u32", name: "comm" }, value: { bytes: "u64", on: "bool" } });
    const value = { bytes: 1n, on: true };
    map.set({ pid: 1, name: "a" }, value);
    value.bytes = 9n;
    expect(map.get({ name: "a", pid: 1 } as never)).toEqual({ bytes: 1n, on: true });
    expect(map.get({ pid: 1, name: "b" })).toBeUndefined();
    expect(Object.isFrozen(map.get({ pid: 1, name: "a" }))).toBe(true);
  });

  test("texts that look like separators do not collide", () => {
    const map = hash({ key: { a: "comm", b: "comm" }, value: "u8" });
    map.set({ a: "x,y", b: "z" }, 1);
    expect(map.has({ a: "x", b: "y,z" })).toBe(false);
    map.set({ a: 'x","', b: "" }, 2);
    expect(map.has({ a: "x", b: '","' })).toBe(false);
  });

  test("a full hash refuses new keys, an LRU drops the oldest", () => {
    const map = hash({ key: "u32", value: "u32", max: 2 });
    const lru = lruHash({ key: "u32", value: "u32", max: 2 });
    for (const m of [map, lru]) {
      m.set(1, 1);
      m.set(2, 2);
      m.set(1, 10);
      m.set(3, 3);
    }
    expect([1, 2, 3].map((key) => map.get(key))).toEqual([10, 2, undefined]);
    expect([1, 2, 3].map((key) => lru.get(key))).toEqual([10, undefined, 3]);
  });
});

describe("a declaration", () => {
  test("is recorded for the compiler", () => {
    hash({ key: "u32", value: "u64" });
    lruHash({ key: "ptr", value: { a: "u8" }, max: 7 });
    expect(script.maps).toEqual([
      { kind: "hash", key: "u32", value: "u64", max: 10_240 },
      { kind: "lruHash", key: "ptr", value: { a: "u8" }, max: 7 },
    ]);
  });

  test.each([
    [{ key: "u46", value: "u64" }, 'hash(): the key cannot have the type "u46"'],
    [{ key: "u32", value: { a: "int" } }, 'hash(): the value cannot have the type "int"'],
    [{ key: "toString", value: "u64" }, 'hash(): the key cannot have the type "toString"'],
    [{ key: {}, value: "u64" }, "hash(): the key has no type"],
    [{ key: "u32" }, "hash(): the value has no type"],
    [{ key: 4, value: "u64" }, "hash(): the key cannot have the type 4"],
    [{ key: "u32", value: "u64", max: 0 }, "hash(): a map cannot hold 0 entries"],
    [{ key: "u32", value: "u64", max: 1.5 }, "hash(): a map cannot hold 1.5 entries"],
    [{ key: "u32", value: "u64", max: 2 ** 24 + 1 }, "hash(): a map cannot hold 16777217 entries"],
  ])("%j is refused", (declaration, message) => {
    const refusal = refusalOf(() => hash(declaration as never));
    expect(refusal).toMatchObject({ code: "TSP2302", failure: "script-error", message });
    expect(refusal.hints).toHaveLength(1);
    expect(script.maps).toEqual([]);
  });
});
