import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EventLayout } from "../../../../compiler/program.js";
import type { TableDeclaration } from "../../../../dsl/table.js";
import { createOutput } from "../../../../runtime/output/output.js";
import { collectLines } from "./collected-lines.js";
import { bccColumns, connecting, declareTables, dropsLayout, established, statesLayout } from "./tcpstates.js";

function print(
  layouts: readonly EventLayout[],
  tables: readonly TableDeclaration[],
  events: readonly (readonly [number, unknown])[],
  header = true,
): string {
  const { sink, lines } = collectLines();
  const output = createOutput("csv", { sink, layouts, tables, isConsumed: () => false, header });
  output.start();
  for (const [stream, event] of events) output.event(stream, event);
  return lines.map((line) => `${line}\n`).join("");
}

/** A reader of RFC 4180 that follows its grammar. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\n)/gy;
  for (let match = cell.exec(text); match !== null; match = cell.exec(text)) {
    row.push(match[1]?.replaceAll('""', '"') ?? (match[2] as string));
    if (match[3] === "\n") {
      rows.push(row);
      row = [];
    }
    if (cell.lastIndex === text.length) return rows;
  }
  throw new Error(`not CSV: ${JSON.stringify(text)}`);
}

describe("csv", () => {
  test("the table's columns, unpadded and uncut", () => {
    const printed = print([statesLayout], declareTables(bccColumns), [
      [0, connecting],
      [0, established],
    ]);
    expect(printed).toMatchInlineSnapshot(`
      "SKADDR,PID,COMM,LADDR,LPORT,RADDR,RPORT,OLDSTATE,NEWSTATE,MS
      ffff9c0a4e6b8000,4242,curl,127.0.0.1,0,127.0.0.1,8080,CLOSE,SYN_SENT,0.000
      ffff9c0a4e6b8000,4242,a-long-thread,2001:db8:1234:5678::1,50123,::1,8080,SYN_SENT,ESTABLISHED,1.234
      "
    `);
  });

  test("several tables share one heading line", () => {
    const printed = print([statesLayout, dropsLayout], declareTables(["pid", "comm"], ["reason", "pid", "bytes"]), [
      [1, { pid: 1, reason: "a, b", bytes: 2n ** 64n - 1n }],
      [0, connecting],
    ]);
    expect(printed).toMatchInlineSnapshot(`
      "stream,PID,COMM,REASON,BYTES
      drops,1,,"a, b",18446744073709551615
      states,4242,curl,,
      "
    `);
  });

  test("a heading that occurs twice keeps both columns", () => {
    const tables = declareTables([{ A: () => 1 }, { A: () => 2 }], [{ A: () => 3 }]);
    expect(
      print([statesLayout, dropsLayout], tables, [
        [0, {}],
        [1, {}],
      ]),
    ).toBe("stream,A,A\nstates,1,2\ndrops,3,\n");
  });

  test("an only cell that is empty is still a line", () => {
    expect(print([statesLayout], declareTables(["comm"]), [[0, {}]], false)).toBe('""\n');
  });

  test("any text comes back exactly", () => {
    const tables = declareTables([{ A: (e: string[]) => e[0] }, { B: (e: string[]) => e[1] }]);
    const text = fc.string({
      unit: fc.oneof(fc.constantFrom(",", '"', "\n", "\r", "\0", "\x1b"), fc.string({ minLength: 1, maxLength: 1 })),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { minLength: 1 }), (rows) => {
        const printed = print(
          [statesLayout],
          tables,
          rows.map((row) => [0, row] as const),
          false,
        );
        expect(parseCsv(printed)).toEqual(rows);
      }),
    );
  });
});
