import { describe, expect, test } from "vitest";
import type { EventLayout, ValueLayout } from "../../../../compiler/program.js";
import { Stack } from "../../../../dsl/stack.js";
import { createOutput } from "../../../../runtime/output/output.js";
import { summaryLines } from "../../../../runtime/output/summary.js";
import { collectLines } from "./collected-lines.js";

const stackOf = (...names: string[]) =>
  Stack.create(
    names.map((_, i) => BigInt(i)),
    (address) => ({ symbol: names[Number(address)] as string, offset: 16, module: undefined }),
  );

function print(format: "table" | "json" | "csv", types: Readonly<Record<string, ValueLayout>>, event: object): string[] {
  const fields = Object.entries(types).map(([name, type]) => ({ name, offset: 0, type }));
  const layouts: EventLayout[] = [{ name: "seen", stream: 0, size: 8, fields }];
  const { sink, lines } = collectLines();
  const output = createOutput(format, { sink, layouts, tables: [], isConsumed: () => false, header: true });
  output.start();
  output.event(0, event);
  return lines;
}

const pid = { kind: "int", size: 4, signed: false, as: "number" } as const;
const kernel = { kind: "stack", user: false } as const;
const user = { kind: "optional", valueOffset: 8, value: { kind: "stack", user: true } } as const;

describe("stacks", () => {
  test("in a table, below the line", () => {
    expect(print("table", { stack: kernel, pid }, { stack: stackOf("a", "b\u001b[31m"), pid: 7 })).toEqual([
      "PID",
      "7",
      "    a+0x10",
      "    b␛[31m+0x10",
    ]);
  });

  test("several, each under its heading; an empty or missing one is a dash", () => {
    expect(print("table", { pid, kernel, user }, { kernel: stackOf("a"), user: undefined, pid: 7 })).toEqual([
      "PID",
      "7",
      "  KERNEL",
      "    a+0x10",
      "  USER",
      "    -",
    ]);
    expect(print("table", { kernel }, { kernel: stackOf() })).toEqual(["    -"]);
  });

  test("in JSON and CSV", () => {
    expect(print("json", { pid, kernel }, { pid: 7, kernel: stackOf("a", "b") })).toEqual([
      '{"type":"event","name":"seen","data":{"pid":7,"kernel":["a+0x10","b+0x10"]}}',
    ]);
    expect(print("csv", { pid, kernel }, { pid: 7, kernel: stackOf("a", "b") })).toEqual(["PID,KERNEL", "7,a+0x10;b+0x10"]);
  });

  test("one that was not kept is told at the end", () => {
    const span = { file: { path: "/x.ts", text: "kstack()" }, start: 0, end: 8 };
    const counters = [{ site: { reason: "stack" as const, span, subject: "seen" }, count: 3n }];
    const lines = summaryLines({ delivered: 1, durationMs: 10, counters, missedRuns: [], hostDropped: 0, workingDirectory: "/" });
    expect(lines.slice(1)).toEqual([
      '3 stacks of "seen" at x.ts:1:1 could not be kept',
      "  hint: there were too many different ones at a time: give a smaller depth, kstack(16)",
    ]);
  });
});
