import { expect, test } from "vitest";
import type { Row } from "../e2e/harness/rows.js";
import { unseenByAll } from "../e2e/harness/unseen.js";
import type { SocketStory, Transition } from "../e2e/workload/transition.js";

// What is taken for the kernel's silence is played again: it must never be a tracer's fault.
const ends = { laddr: "127.0.0.1", lport: 40_000, raddr: "127.3.4.5", rport: 8080, ms: { min: 0, max: 1 } };
const shutdown: Transition = { ...ends, from: "ESTABLISHED", to: "FIN_WAIT1", pid: 7 };
const acknowledged: Transition = { ...ends, from: "FIN_WAIT1", to: "FIN_WAIT2" };
const over: Transition = { ...ends, from: "FIN_WAIT2", to: "CLOSE" };
const stories: SocketStory[] = [{ who: "client", transitions: [shutdown, acknowledged, over] }];
const row = (one: Transition): Row => ({ ...one, sk: "ffff1", pid: 7, comm: "node", lport: 40_000, ms: 0 });
const account = (...shown: Transition[]) => ({ stories, rows: shown.map(row) });
const name = "FIN_WAIT1 -> FIN_WAIT2 127.0.0.1 127.3.4.5:8080";

test("an interrupt's transition that every witness lacks", () => {
  expect(unseenByAll([account(shutdown, over), account(shutdown, over)])).toEqual([name]);
  expect(unseenByAll([account(shutdown, over)])).toEqual([name]);
});

test("a witness whose filter leaves it out has nothing to say of it", () => {
  const filtered = { stories: [{ who: "client", transitions: [shutdown] }], rows: [row(shutdown)] };
  expect(unseenByAll([account(shutdown, over), filtered])).toEqual([name]);
});

test("one of several sockets between the same ends", () => {
  const twice = { stories: [...stories, ...stories], rows: [shutdown, shutdown, acknowledged, over, over].map(row) };
  expect(unseenByAll([twice])).toEqual([name]);
});

test.each([
  ["nothing is missing", [account(shutdown, acknowledged, over)]],
  ["one witness saw it", [account(shutdown, over), account(shutdown, acknowledged, over)]],
  ["one witness lacks another one too", [account(shutdown, over), account(shutdown)]],
  ["a process did it", [account(acknowledged, over), account(acknowledged, over)]],
  ["a row too many", [account(shutdown, over, over), account(shutdown, over)]],
  ["another row instead", [account(shutdown, { ...acknowledged, rport: 8081 }, over)]],
])("is none when %s", (_, accounts) => {
  expect(unseenByAll(accounts)).toEqual([]);
});
