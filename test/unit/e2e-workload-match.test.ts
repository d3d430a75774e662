import { expect, test } from "vitest";
import { compareWithStories } from "../e2e/harness/match-stories.js";
import { ofPorts, type Row, splitIntoLives } from "../e2e/harness/rows.js";
import type { SocketStory, Transition } from "../e2e/workload/transition.js";

// A comparison that lets a wrong trace pass would make the end-to-end tests worthless.
const ends = { laddr: "127.0.0.1", lport: 40_000, raddr: "127.3.4.5", rport: 8080 };
const opening: Transition = { ...ends, lport: 0, from: "CLOSE", to: "SYN_SENT", pid: 7, ms: { min: 0, max: 0 } };
const refused: Transition = { ...ends, from: "SYN_SENT", to: "CLOSE", ms: { min: 1, max: 2 } };
const story: SocketStory = { who: "client", transitions: [opening, refused] };
const row = (one: Transition, more: Partial<Row> = {}): Row => ({
  ...one,
  sk: "ffff1",
  pid: 7,
  comm: "node",
  lport: Number(one.lport),
  ms: one.ms.min,
  ...more,
});
const good = [row(opening), row(refused)];
const compare = (rows: Row[], stories = [story]) => compareWithStories(rows, stories, { ephemeral: [32_768, 60_999] });

test("an exact trace has no differences", () => {
  expect(compare(good)).toEqual([]);
});

test("an unknown local port must be one that the kernel gives out", () => {
  const unbound = { ...story, transitions: [opening, { ...refused, lport: "ephemeral" as const }] };
  expect(compare(good, [unbound])).toEqual([]);
  expect(compare([row(opening), row(refused, { lport: 80 })], [unbound])).toHaveLength(2);
});

test.each([
  ["a missing row", [row(opening)]],
  ["rows in the wrong order", [row(refused), row(opening)]],
  ["a row too many", [...good, row(refused)]],
  ["a socket too many", [...good, row(opening, { sk: "ffff2" }), row(refused, { sk: "ffff2" })]],
  ["exchanged addresses", [row(opening), row(refused, { laddr: ends.raddr, raddr: ends.laddr })]],
  ["another port", [row(opening), row(refused, { rport: 8081 })]],
  ["another pid", [row(opening, { pid: 8 }), row(refused)]],
  ["too short a time", [row(opening), row(refused, { ms: 0.9 })]],
  ["too long a time", [row(opening), row(refused, { ms: 2.1 })]],
  ["a time at first sight", [row(opening, { ms: 12 }), row(refused)]],
  ["nothing at all", []],
])("%s is a difference", (_what, rows) => {
  expect(compare(rows)).not.toEqual([]);
});

test("a kernel address that is used again begins a new life after CLOSE", () => {
  expect(splitIntoLives([...good, ...good]).map((life) => life.length)).toEqual([2, 2]);
  expect(compare([...good, ...good], [story, story])).toEqual([]);
});

test("rows are ours by either port", () => {
  const rows = [row(opening, { rport: 1 }), row(opening), row(opening, { lport: 8080, rport: 2 })];
  expect(ofPorts(rows, [8080])).toEqual(rows.slice(1));
});
