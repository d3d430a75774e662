import { describe, expect, test } from "vitest";
import { integerStorage } from "../../../../compiler/passes/layout.js";
import { compileForFixture } from "../../../golden/compiled.js";

async function eventsOf(body: string, host = "") {
  const { program } = await compileForFixture(`import { comm, event, hash, ip, num, tracepoint } from "tsprobe";
${host}
export const p = tracepoint("sock:inet_sock_set_state", (ctx) => {
${body}
});`);
  return program.events;
}

describe("layout of events", () => {
  test("numbers take the width of their range", async () => {
    const [event] = await eventsOf(
      "return { a: ctx.sport, b: ctx.oldstate, c: ctx.skaddr, d: ctx.sport + 1, e: ctx.sport & 0xff, f: -(ctx.sport & 1), g: num(ctx.skaddr), h: ctx.sport > 5, i: comm() };",
    );
    expect(event?.fields.map(({ name, offset, type }) => [name, offset, type])).toEqual([
      ["a", 0, { kind: "int", size: 2, signed: false, as: "number" }],
      ["b", 4, { kind: "int", size: 4, signed: true, as: "number" }],
      ["c", 8, { kind: "pointer" }],
      ["d", 16, { kind: "int", size: 4, signed: false, as: "number" }],
      ["e", 20, { kind: "int", size: 1, signed: false, as: "number" }],
      ["f", 21, { kind: "int", size: 1, signed: true, as: "number" }],
      ["g", 24, { kind: "int", size: 8, signed: false, as: "number" }],
      ["h", 32, { kind: "bool" }],
      ["i", 33, { kind: "string", size: 16 }],
    ]);
    expect(event?.size).toBe(56);
  });

  test("constants are not transmitted", async () => {
    const [event] = await eventsOf(
      'return { kind: "x", version: 3, big: 5n, yes: true, none: undefined, nothing: null, port: ctx.sport };',
    );
    expect(event?.fields.map(({ type }) => (type.kind === "constant" ? type.value : type.kind))).toEqual([
      "x",
      3,
      5n,
      true,
      undefined,
      null,
      "int",
    ]);
    expect(event?.size).toBe(2);
  });

  test("optionals, nested objects, arrays and addresses", async () => {
    const [event] = await eventsOf(
      "const x = ctx.sport > 5 ? ctx.skaddr : undefined; const o = { a: ctx.sport, b: comm() }; return { x, o, p: { a: ctx.sport, q: { r: ctx.oldstate } }, l: [ctx.sport, 7], raw: ctx.saddr_v6, to: ip(ctx.daddr) };",
    );
    expect(event?.fields).toEqual([
      { name: "x", offset: 0, type: { kind: "optional", valueOffset: 8, value: { kind: "pointer" } } },
      {
        name: "o",
        offset: 16,
        // In a variable, so as variables are held.
        type: {
          kind: "struct",
          size: 24,
          fields: [
            { name: "a", offset: 0, type: { kind: "int", size: 8, signed: true, as: "number" } },
            { name: "b", offset: 8, type: { kind: "string", size: 16 } },
          ],
        },
      },
      {
        name: "p",
        offset: 40,
        type: {
          kind: "struct",
          size: 8,
          fields: [
            { name: "a", offset: 0, type: { kind: "int", size: 2, signed: false, as: "number" } },
            {
              name: "q",
              offset: 4,
              type: {
                kind: "struct",
                size: 4,
                fields: [{ name: "r", offset: 0, type: { kind: "int", size: 4, signed: true, as: "number" } }],
              },
            },
          ],
        },
      },
      {
        name: "l",
        offset: 48,
        type: { kind: "array", count: 2, stride: 2, element: { kind: "int", size: 2, signed: false, as: "number" } },
      },
      { name: "raw", offset: 52, type: { kind: "bytes", size: 16 } },
      { name: "to", offset: 68, type: { kind: "ip" } },
    ]);
  });

  test("equal shapes of a stream share a record id, others do not", async () => {
    expect(await eventsOf("if (ctx.sport > 5) return { v: ctx.sport }; return { v: ctx.dport };")).toHaveLength(1);
    expect(await eventsOf("if (ctx.sport > 5) return { v: ctx.sport }; return { v: ctx.oldstate };")).toHaveLength(2);
    expect(await eventsOf('if (ctx.sport > 5) return { kind: "a" }; return { kind: "b" };')).toHaveLength(2);
    // undefined and "undefined", 5n and "5n" look alike in JSON.
    expect(
      await eventsOf(
        'if (ctx.sport > 5) return { v: undefined }; if (ctx.sport > 4) return { v: "undefined" }; if (ctx.sport > 3) return { v: 5n }; return { v: "5n" };',
      ),
    ).toHaveLength(4);
    // The same bytes, stored member by member and as a whole.
    expect(
      await eventsOf("if (ctx.sport > 5) { const o = { a: ctx.skaddr }; return { o }; } return { o: { a: ctx.skaddr } };"),
    ).toHaveLength(2);
  });

  test("the narrowest integer that holds a range", () => {
    expect(integerStorage({ min: 0n, max: 255n })).toEqual({ size: 1, signed: false });
    expect(integerStorage({ min: -1n, max: 127n })).toEqual({ size: 1, signed: true });
    expect(integerStorage({ min: -1n, max: 128n })).toEqual({ size: 2, signed: true });
    expect(integerStorage({ min: 0n, max: 2n ** 32n - 1n })).toEqual({ size: 4, signed: false });
    expect(integerStorage({ min: 0n, max: 2n ** 32n })).toEqual({ size: 8, signed: true });
  });
});
