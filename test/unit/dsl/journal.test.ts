import { beforeEach, expect, test } from "vitest";
import { DiagnosticError } from "../../../diagnostics/diagnostic.js";
import { journal } from "../../../dsl/journal.js";
import { encodeJournalRecord } from "../../../dsl/journal-record.js";
import { beginScript } from "../../../dsl/script.js";

let sent: Uint8Array[];
beforeEach(() => {
  sent = [];
  beginScript([]).journal = (record) => void sent.push(record);
});

test("a line for each field; a value with a newline after its length", () => {
  const record = encodeJournalRecord({ MESSAGE: "a\nb", PRIORITY: 6, NONE: undefined, BIG: 2n ** 64n });
  const long = Buffer.concat([Buffer.from("MESSAGE\n"), Buffer.from([3, 0, 0, 0, 0, 0, 0, 0]), Buffer.from("a\nb\n")]);
  expect(Buffer.from(record)).toEqual(Buffer.concat([long, Buffer.from("PRIORITY=6\nBIG=18446744073709551616\n")]));
});

test("lengths are of bytes, the lowest first", () => {
  const text = `\n${"ä".repeat(200)}`;
  expect([...encodeJournalRecord({ X: text }).subarray(2, 10)]).toEqual([145, 1, 0, 0, 0, 0, 0, 0]);
});

test("journal() hands the record on", () => {
  journal({ MESSAGE: "hello" });
  expect(sent.map((record) => Buffer.from(record).toString())).toEqual(["MESSAGE=hello\n"]);
});

test.each(["message", "_PID", "1ST", "", "A B", "A".repeat(65), "A=B"])("%j is no name of a field", (name) => {
  expect(() => journal({ [name]: "x" })).toThrow(DiagnosticError);
  expect(() => journal({ [name]: "x" })).toThrow(/is no name of a field/);
  expect(sent).toEqual([]);
});
