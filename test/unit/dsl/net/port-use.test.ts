import { expect, test } from "vitest";
import { Deadlines } from "../../../../dsl/net/deadlines.js";
import { parsePortRange } from "../../../../dsl/net/port-range.js";
import type { PortWarning } from "../../../../dsl/net/port-space.js";
import { type PortHolder, PortUse, type PortUseOptions } from "../../../../dsl/net/port-use.js";

const NETNS = 7;
const socket = (lport: number, more: Partial<PortHolder> = {}): PortHolder => ({
  netns: NETNS,
  laddr: "10.0.0.1",
  lport,
  raddr: "10.0.0.2",
  rport: 443,
  state: 1,
  ...more,
});

function useOf(range = "1000 1099\n\n", options: Partial<PortUseOptions> = {}) {
  const warnings: PortWarning[] = [];
  const use = new PortUse({ rangeOf: () => parsePortRange(range), onWarning: (warning) => warnings.push(warning), ...options });
  return { use, warnings, read: (now = 0) => use.read(NETNS, now) };
}

test("ports, halves, states, destinations and owners", () => {
  const { use, read } = useOf("1000 1099\n1003\n");
  use.put(socket(1000, { owner: "curl 5" }), 0);
  use.put(socket(1000, { raddr: "10.0.0.3", owner: "curl 5" }), 0);
  use.put(socket(1001, { owner: "wget 6" }), 0);
  // Reserved, outside, outside.
  for (const port of [1003, 999, 1100]) use.put(socket(port), 0);
  use.put(socket(1001, { state: 8 }), 10);
  expect(read()).toMatchObject({
    inUse: 2,
    available: 97,
    even: 1,
    odd: 1,
    states: { ESTABLISHED: 2, CLOSE_WAIT: 1 },
    opened: 3,
    closed: 0,
  });
  const space = use.space(NETNS);
  expect(space.topDestinations(5).map(({ name, inUse }) => [name, inUse])).toEqual([
    ["10.0.0.1 10.0.0.2 443", 2],
    ["10.0.0.1 10.0.0.3 443", 1],
  ]);
  expect(space.topOwners(1).map(({ name, inUse }) => [name, inUse])).toEqual([["curl 5", 2]]);
  use.remove(socket(1000), 30);
  use.remove(socket(1001), 50);
  use.remove(socket(1001), 50);
  expect(read()).toMatchObject({ inUse: 1, states: { ESTABLISHED: 1 }, opened: 0, closed: 2, meanHeldMs: 40 });
  expect(space.topOwners(5).map(({ name }) => name)).toEqual(["curl 5"]);
});

test("TIME_WAIT ends in its time, or when its ends are used again", () => {
  const { use, read } = useOf();
  for (const port of [1000, 1001, 1002]) use.put(socket(port, { state: 6, until: 60_000 + port }), 0);
  use.put(socket(1001), 5_000);
  expect(read(59_999)).toMatchObject({ inUse: 3, states: { TIME_WAIT: 2, ESTABLISHED: 1 }, closed: 1 });
  use.put(socket(1002, { state: 6, until: 90_000 }), 60_000);
  expect(read(62_000)?.states).toEqual({ ESTABLISHED: 1, TIME_WAIT: 1 });
  expect(read(91_000)?.states).toEqual({ ESTABLISHED: 1 });
  expect(use.size).toBe(1);
});

test("listening sockets that share a port", () => {
  const { use, read } = useOf();
  const listening = socket(1010, { raddr: "0.0.0.0", rport: 0, state: 10 });
  use.put(listening, 0);
  use.put(listening, 0);
  expect(read()).toMatchObject({ inUse: 1, states: { LISTEN: 2 }, opened: 2 });
  use.remove(listening, 1);
  expect(read()).toMatchObject({ inUse: 1, states: { LISTEN: 1 }, closed: 1 });
  expect(use.space(NETNS).topDestinations(5)).toEqual([]);
  use.remove(listening, 2);
  expect(read()).toMatchObject({ inUse: 0, states: {} });
});

test("a list has each of the listening sockets that share a port", () => {
  const { use, read } = useOf();
  const listening = socket(1010, { raddr: "0.0.0.0", rport: 0, state: 10, owner: "nginx 5" });
  const shown = () => [read()?.inUse, read()?.states, use.space(NETNS).topOwners(1)[0]?.inUse];
  for (const count of [3, 1, 2]) {
    use.replace(NETNS, Array(count).fill(listening), 0);
    expect(shown()).toEqual([1, { LISTEN: count }, count]);
  }
  use.remove(listening, 1);
  use.remove(listening, 1);
  expect(shown()).toEqual([0, {}, undefined]);
});

test("warnings come at the very port, once, and again after a fall of five points", () => {
  const { use, warnings } = useOf(undefined, { warnAt: [50, 40] });
  const open = (from: number, to: number) => {
    for (let port = from; port < to; port++) use.put(socket(1000 + port), 0);
  };
  const close = (from: number, to: number) => {
    for (let port = from; port < to; port++) use.remove(socket(1000 + port), 0);
  };
  open(0, 39);
  expect(warnings).toEqual([]);
  open(39, 60);
  close(45, 60);
  open(45, 60);
  expect(warnings.map(({ percent, inUse, size }) => [percent, inUse, size])).toEqual([
    [40, 40, 100],
    [50, 50, 100],
  ]);
  close(44, 60);
  open(44, 60);
  expect(warnings.slice(2).map(({ percent, inUse }) => [percent, inUse])).toEqual([[50, 50]]);
});

test("a list replaces the account: what is not in it is over, and only the highest threshold is given", () => {
  const { use, warnings, read } = useOf(undefined, { warnAt: [10, 20, 30], warnOfDestinations: true });
  use.put(socket(1099), 0);
  const listed = Array.from({ length: 25 }, (_, i) => socket(1000 + i));
  use.replace(NETNS, [...listed, socket(5000)], 0);
  expect(read()).toMatchObject({ inUse: 25, opened: 1, closed: 0 });
  expect(warnings.map(({ percent, destination }) => [percent, destination?.rport])).toEqual([
    [20, undefined],
    [20, 443],
  ]);
  use.forget(NETNS);
  expect([use.size, read()]).toEqual([0, undefined]);
});

test("a change costs the same with many deadlines as with few", () => {
  const wheel = new Deadlines<{ id: number }>();
  const items = Array.from({ length: 1000 }, (_, id) => ({ id }));
  for (const item of items) wheel.set(item, 1_000_500 + item.id);
  expect(wheel.take(1_000_900)).toEqual([]);
  wheel.set(items[0] as object as { id: number }, undefined);
  wheel.set(items[1] as object as { id: number }, 1_005_000);
  expect(wheel.take(1_001_000).map(({ id }) => id)).toEqual(items.slice(2, 501).map(({ id }) => id));
  expect(wheel.take(1_004_999)).toHaveLength(499);
  expect(wheel.take(1_005_000)).toEqual([items[1]]);
  // One that is set to the past comes with the next second.
  wheel.set(items[5] as object as { id: number }, 0);
  expect([wheel.take(1_005_900), wheel.take(1_006_000)]).toEqual([[], [items[5]]]);
});
