import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jsonText } from "../../../../runtime/output/json-text.js";
import { createOutput } from "../../../../runtime/output/output.js";
import { collectLines } from "./collected-lines.js";
import { connecting, declareTables, dropsLayout, statesLayout } from "./tcpstates.js";

describe("jsonText", () => {
  test("writes what JSON.stringify writes, for all that it can write", () => {
    const value = fc.jsonValue({ maxDepth: 4 });
    fc.assert(
      fc.property(value, (any) => {
        expect(JSON.parse(jsonText(any))).toEqual(JSON.parse(JSON.stringify(any)));
      }),
    );
  });

  test("any text comes back, lone surrogates too, and nothing but printable characters reaches the terminal below U+00A0", () => {
    const text = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) });
    fc.assert(
      fc.property(text, (any) => {
        const written = jsonText(any);
        expect(JSON.parse(written)).toBe(any);
        expect(Buffer.from(written).toString()).toBe(written);
        expect([...written].every((c) => (c >= " " && c < "\x7f") || c >= "\xa0")).toBe(true);
      }),
    );
  });

  test("bigints keep all their digits", () => {
    fc.assert(
      fc.property(fc.bigInt(), (any) => {
        expect(jsonText({ a: any })).toBe(`{"a":${any}}`);
      }),
    );
  });

  test.each([
    [{ a: undefined, b: 1 }, '{"b":1}'],
    [[undefined, null], "[null,null]"],
    [Number.NaN, "null"],
    [-0, "0"],
    [Uint8Array.of(0, 10, 255), '"000aff"'],
    [{}, "{}"],
  ])("%j is %s", (value, text) => {
    expect(jsonText(value)).toBe(text);
  });
});

describe("json output", () => {
  function start(isConsumed: (stream: number) => boolean = () => false) {
    const { sink, lines } = collectLines();
    const tables = declareTables(["pid"], ["pid"]).slice(0, 1);
    const output = createOutput("json", {
      sink,
      layouts: [statesLayout, dropsLayout],
      tables: [...tables, ...tables],
      isConsumed,
      header: true,
    });
    output.start();
    return { output, lines };
  }

  test("whole events, once each, whatever the tables show", () => {
    const { output, lines } = start();
    output.event(0, connecting);
    output.event(1, { pid: 1, bytes: 2n ** 64n - 1n });
    expect(lines.join("\n")).toMatchInlineSnapshot(`
      "{"type":"event","name":"states","data":{"sk":18446634166812114944,"pid":4242,"comm":"curl","laddr":"127.0.0.1","lport":0,"raddr":"127.0.0.1","rport":8080,"from":"CLOSE","to":"SYN_SENT","us":0}}
      {"type":"event","name":"drops","data":{"pid":1,"bytes":18446744073709551615}}"
    `);
  });

  test("a stream that the script consumes and does not tabulate is not printed", () => {
    const { output, lines } = start((stream) => stream === 1);
    output.event(1, { pid: 1 });
    expect(lines).toEqual([]);
  });

  test("lost events and the summary are records", () => {
    const { output, lines } = start();
    const file = { path: "/home/x/tcpstates.ts", text: "a\n  b" };
    const span = { file, start: 4, end: 5 };
    output.lost({ name: "states", count: 5n, where: "tcpstates.ts:2:3" });
    output.summary({
      delivered: 12,
      durationMs: 3210,
      counters: [
        { site: { reason: "lost", span, subject: "states" }, count: 5n },
        { site: { reason: "division", span, subject: "states" }, count: 0n },
      ],
      missedRuns: [
        { probe: "states", count: 2n },
        { probe: "drops", count: 0n },
      ],
      hostDropped: 3,
      workingDirectory: "/home/x",
    });
    expect(lines.join("\n")).toMatchInlineSnapshot(`
      "{"type":"lost","name":"states","count":5,"where":"tcpstates.ts:2:3"}
      {"type":"summary","delivered":12,"durationMs":3210,"lost":8,"hostDropped":3,"discarded":0,"counters":[{"reason":"lost","name":"states","count":5,"where":"tcpstates.ts:2:3"}],"missedRuns":[{"probe":"states","count":2}]}"
    `);
  });
});
