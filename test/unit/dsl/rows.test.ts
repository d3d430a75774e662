import { expect, test } from "vitest";
import { outputFormat } from "../../../dsl/output-format.js";
import { rows } from "../../../dsl/rows.js";
import { beginScript } from "../../../dsl/script.js";
import { table } from "../../../dsl/table.js";
import { createOutput } from "../../../runtime/output/output.js";
import { collectLines } from "../runtime/output/collected-lines.js";

test("rows of the host reach callbacks, and whoever shows them, under their stream's number", () => {
  const script = beginScript([]);
  const first = rows<{ open: number }>("first");
  const second = rows<{ open: number }>("second");
  table(second, ["open"]);
  const shown: unknown[] = [];
  const heard: unknown[] = [];
  script.onRow = (stream, row) => shown.push([stream, row]) < 3;
  second.on((row) => heard.push(row));
  second.push({ open: 3 });
  first.push({ open: 4 });
  expect(shown).toEqual([
    [1, { open: 3 }],
    [0, { open: 4 }],
  ]);
  expect(heard).toEqual([{ open: 3 }]);
  // The run has had all that it was to have.
  second.push({ open: 5 });
  expect(heard).toEqual([{ open: 3 }]);
  expect(script.tables.map(({ stream }) => stream)).toEqual([1]);
});

test.each([
  ["table", ["OPEN", "3"]],
  ["csv", ["OPEN", "3"]],
  ["json", ['{"type":"event","name":"readings","data":{"open":3}}']],
] as const)("shown as %s, like events", (format, text) => {
  const script = beginScript([]);
  const readings = rows<{ open: number }>("readings");
  table(readings, ["open"]);
  const { sink, lines } = collectLines();
  const output = createOutput(format, {
    sink,
    layouts: [],
    tables: script.tables,
    rowNames: new Map([[0, readings.name]]),
    isConsumed: () => false,
    header: true,
  });
  output.start();
  output.event(0, { open: 3 });
  output.flush();
  expect(lines).toEqual(text);
});

test("a script may prefer a format; what was given wins", () => {
  beginScript([]);
  expect(outputFormat()).toBe("table");
  const script = beginScript([]);
  expect(outputFormat("csv")).toBe("csv");
  expect(script.format).toBe("csv");
  beginScript([], "json");
  expect(outputFormat("csv")).toBe("json");
});
