import { beforeEach, expect, test } from "vitest";
import { event } from "../../../dsl/event.js";
import { beginScript, type Script } from "../../../dsl/script.js";
import { type Column, table } from "../../../dsl/table.js";
import { refusalOf } from "./refusal.js";

let script: Script;
beforeEach(() => {
  script = beginScript([]);
});

interface Event {
  readonly pid: number;
  readonly bytes: bigint;
}

function columnsOf(columns: readonly Column<Event>[]) {
  const stream = event({ pid: "u32", bytes: "u64" });
  table(stream as never, columns);
  return script.tables.at(-1)?.columns.map(({ value, ...rest }) => ({ ...rest, cell: value({ pid: 7, bytes: 2048n }) }));
}
const plain = { width: undefined, cut: false, align: undefined, decimals: undefined, before: "" };

test("a field's name: its heading in capitals", () => {
  expect(columnsOf(["pid"])).toEqual([{ ...plain, heading: "PID", field: "pid", cell: 7 }]);
});

test("headings with a field, with a function, several at once", () => {
  expect(columnsOf([{ Who: "pid", KB: (e) => Number(e.bytes) / 1024 }])).toEqual([
    { ...plain, heading: "Who", field: "pid", cell: 7 },
    { ...plain, heading: "KB", field: undefined, cell: 2 },
  ]);
});

test("options", () => {
  expect(columnsOf([{ PID: { value: "pid", width: 6, cut: true, align: "right", decimals: 2, before: "-> " } }])).toEqual([
    { heading: "PID", field: "pid", cell: 7, width: 6, cut: true, align: "right", decimals: 2, before: "-> " },
  ]);
});

test("it belongs to its stream", () => {
  const [first, second] = [event({ a: "u8" }), event({ b: "u8" })];
  table(second, ["b"]);
  table(first, ["a"]);
  expect(script.tables.map(({ stream }) => stream)).toEqual([1, 0]);
});

test("anything but a stream of this script is refused", () => {
  const old = event({ a: "u8" });
  beginScript([]);
  for (const stream of [old, {}, undefined])
    expect(refusalOf(() => table(stream as never, ["a" as never]))).toMatchObject({
      code: "TSP2302",
      message: "table(): the first argument is no probe and no event channel of this script",
    });
});
