import { describe, expect, test } from "vitest";
import type { EventLayout } from "../../../../compiler/program.js";
import type { TableDeclaration } from "../../../../dsl/table.js";
import { createOutput } from "../../../../runtime/output/output.js";
import { collectLines } from "./collected-lines.js";
import { bccColumns, connecting, declareTables, dropsLayout, established, layoutOf, statesLayout } from "./tcpstates.js";

function print(
  layouts: readonly EventLayout[],
  tables: readonly TableDeclaration[],
  events: readonly (readonly [number, unknown])[],
  header = true,
): string {
  const { sink, lines } = collectLines();
  const output = createOutput("table", { sink, layouts, tables, isConsumed: () => false, header });
  output.start();
  for (const [stream, event] of events) output.event(stream, event);
  output.lost({ name: "states", count: 3n, where: "x.ts:1:1" });
  return lines.map((line) => `|${line}|`).join("\n");
}

describe("table", () => {
  test("BCC's tcpstates", () => {
    const printed = print([statesLayout], declareTables(bccColumns), [
      [0, connecting],
      [0, established],
    ]);
    expect(printed).toMatchInlineSnapshot(`
      "|SKADDR           PID     COMM       LADDR           LPORT RADDR           RPORT OLDSTATE    -> NEWSTATE          MS|
      |ffff9c0a4e6b8000 4242    curl       127.0.0.1       0     127.0.0.1       8080  CLOSE       -> SYN_SENT       0.000|
      |ffff9c0a4e6b8000 4242    a-long-thr 2001:db8:1234:5678::1 50123 ::1             8080  SYN_SENT    -> ESTABLISHED    1.234|"
    `);
  });

  test("several tables: each line begins with the name of its stream", () => {
    const tables = declareTables(["pid", "comm"], ["reason", { BYTES: { value: "bytes", align: "right" } }]);
    const printed = print([statesLayout, dropsLayout], tables, [
      [1, { pid: 1, reason: "NO_SOCKET", bytes: 1500n }],
      [0, connecting],
    ]);
    expect(printed).toMatchInlineSnapshot(`
      "|states PID     COMM|
      |drops  REASON                  BYTES|
      |drops  NO_SOCKET                1500|
      |states 4242    curl|"
    `);
  });

  test("a stream with neither table nor consumer shows all its fields", () => {
    expect(print([dropsLayout], [], [[1, { pid: 1, reason: "NO_SOCKET", bytes: 2n ** 64n - 1n }]])).toMatchInlineSnapshot(`
      "|PID     REASON           BYTES|
      |1       NO_SOCKET        18446744073709551615|"
    `);
  });

  test("--no-header", () => {
    expect(print([dropsLayout], declareTables([], ["pid"]).slice(1), [[1, { pid: 7 }]], false)).toBe("|7|");
  });

  test("absent and unusual values", () => {
    const layout = layoutOf("odd", 0, { a: { kind: "bool" } });
    const cells = [undefined, null, "", true, Number.NaN, 0.1, Uint8Array.of(1, 255), [1n, "x"], { a: undefined, b: 2n }];
    const tables = declareTables(cells.map((_, i) => ({ [`C${i}`]: (e: readonly unknown[]) => e[i] })));
    expect(print([layout], tables, [[0, cells]])).toMatchInlineSnapshot(`
      "|C0       C1       C2       C3       C4       C5       C6       C7       C8|
      |-        -        -        true     NaN      0.1      01ff     [1,"x"]  {"b":2}|"
    `);
  });

  test("control characters cannot forge lines or drive the terminal", () => {
    const comm = "a\nb\x1b[2J\x7f\x9b\u202ec";
    expect(print([statesLayout], declareTables(["comm", "pid"]), [[0, { ...connecting, comm }]], false)).toBe(
      "|a␊b␛[2J␡\\x9b\\u202ec 4242|",
    );
  });

  test("wide characters keep the columns aligned", () => {
    const printed = print(
      [statesLayout],
      declareTables([{ COMM: { value: "comm", width: 8 } }, "pid"]),
      ["abc", "日本", "e\u0301e\u0301", "🦀x"].map((comm) => [0, { ...connecting, comm }] as const),
    );
    expect(printed).toMatchInlineSnapshot(`
      "|COMM     PID|
      |abc      4242|
      |日本     4242|
      |éé       4242|
      |🦀x      4242|"
    `);
  });

  test("cut counts columns, not characters", () => {
    const printed = print(
      [statesLayout],
      declareTables([{ C: { value: "comm", width: 5, cut: true } }, "pid"]),
      [[0, { ...connecting, comm: "日本語" }]],
      false,
    );
    expect(printed).toBe("|日本  4242|");
  });
});
