import { statSync } from "node:fs";
import { beforeEach, describe, expect, test } from "vitest";
import { PORT_CHANGE, PORT_MOVE, type PortChange, PortFollower } from "../../../../dsl/net/port-follower.js";
import { localPortRange } from "../../../../dsl/net/port-range.js";

const SYN_SENT = 2;
const ESTABLISHED = 1;
const FIN_WAIT1 = 4;
const FIN_WAIT2 = 5;
const TIME_WAIT = 6;
const CLOSE = 7;
const LAST_ACK = 9;
const CLOSING = 11;

// This machine's own namespace and range; the sockets are invented.
describe.skipIf(process.platform !== "linux")("PortFollower", () => {
  const { low: port } = process.platform === "linux" ? localPortRange() : { low: 0 };
  const netns = process.platform === "linux" ? statSync("/proc/self/ns/net").ino : 0;
  const ends = { netns, laddr: "192.0.2.1", lport: port, raddr: "192.0.2.2", rport: 443 };
  let follower: PortFollower;
  let at: bigint;
  beforeEach(() => {
    follower = new PortFollower();
    at = process.hrtime.bigint();
  });
  const begin = (more = {}) => follower.connect({ ...ends, lport: 0, at, sk: 1n, before: 0, pid: 5, comm: "curl", ...more });
  const change = (more: Partial<PortChange>) =>
    follower.change({ ...ends, at, sk: 1n, what: PORT_CHANGE.moved, from: 0, to: 0, how: 0, ...more });
  const moves = (...states: number[]) => {
    for (let i = 1; i < states.length; i++) change({ from: states[i - 1] as number, to: states[i] as number });
  };
  const read = (afterMs = 0) => follower.use.read(netns, Number(at) / 1e6 + afterMs);
  const states = (afterMs = 0) => read(afterMs)?.states ?? {};

  test("a port is taken when it is known, by whoever connected", () => {
    begin();
    expect(follower.use.size).toBe(0);
    change({ what: PORT_CHANGE.chosen, to: SYN_SENT });
    expect(states()).toEqual({ SYN_SENT: 1 });
    change({ from: SYN_SENT, to: ESTABLISHED });
    expect(states()).toEqual({ ESTABLISHED: 1 });
    expect(follower.use.space(netns).topOwners(1)[0]?.name).toBe("curl 5");
    change({ from: ESTABLISHED, to: CLOSE });
    expect(read()).toMatchObject({ states: {}, closed: 1 });
  });

  test("a search that found nothing, and other endings of a connect", () => {
    begin();
    change({ lport: 0, from: SYN_SENT, to: CLOSE });
    expect(read()).toMatchObject({ failed: 1, failedBy: new Map([["curl 5", 1]]) });
    // With a port of an earlier connection.
    begin({ before: port });
    change({ from: SYN_SENT, to: CLOSE });
    expect(read()?.failed).toBe(1);
    // Refused; given up by close().
    begin();
    change({ from: SYN_SENT, to: CLOSE, how: PORT_MOVE.failed });
    begin({ before: 0 });
    change({ from: SYN_SENT, to: CLOSE });
    begin({ before: port });
    change({ what: PORT_CHANGE.chosen, to: SYN_SENT });
    change({ from: SYN_SENT, to: CLOSE });
    expect(read()).toMatchObject({ failed: 0, states: {} });
  });

  test("a bound socket wants no port, also where its own is outside of the range", () => {
    const outside = { lport: 5 };
    begin({ ...outside, before: 5 });
    change({ ...outside, from: SYN_SENT, to: CLOSE });
    expect(read()?.failed ?? 0).toBe(0);
  });

  test("close() of a socket that had ended before: its ends may be another's", () => {
    moves(SYN_SENT, ESTABLISHED);
    change({ sk: 2n, from: CLOSE, to: CLOSE });
    expect(states()).toEqual({ ESTABLISHED: 1 });
  });

  test.each([
    ["FIN_WAIT2 and the peer's FIN", FIN_WAIT2, PORT_MOVE.finCame, { TIME_WAIT: 1 }],
    ["FIN_WAIT2 that nobody has open", FIN_WAIT2, 0, { FIN_WAIT2: 1 }],
    ["CLOSING", CLOSING, 0, { TIME_WAIT: 1 }],
    ["FIN_WAIT2 with RST", FIN_WAIT2, PORT_MOVE.failed, {}],
    ["LAST_ACK", LAST_ACK, PORT_MOVE.finCame, {}],
    ["FIN_WAIT1", FIN_WAIT1, 0, {}],
  ])("what is left of %s when functions cannot be hooked", (_, from, how, left) => {
    moves(SYN_SENT, ESTABLISHED, from);
    change({ from, to: CLOSE, how });
    expect(states()).toEqual(left);
    expect(states(59_000)).toEqual(left);
    expect(states(64_000)).toEqual({});
  });

  test("the peer's FIN, of a socket on this host, before and after the small socket", () => {
    const peer = { what: PORT_CHANGE.peerEnds, laddr: ends.raddr, lport: ends.rport, raddr: ends.laddr, rport: ends.lport };
    moves(SYN_SENT, ESTABLISHED, FIN_WAIT1, FIN_WAIT2, CLOSE);
    expect(states()).toEqual({ FIN_WAIT2: 1 });
    at += 10_000_000_000n;
    change(peer);
    expect(states(59_000)).toEqual({ TIME_WAIT: 1 });
    moves(SYN_SENT, ESTABLISHED, FIN_WAIT1);
    change({ ...peer, laddr: `::ffff:${peer.laddr}`, raddr: `::ffff:${peer.raddr}` });
    moves(FIN_WAIT1, FIN_WAIT2, CLOSE);
    expect(states()).toEqual({ TIME_WAIT: 1 });
  });

  test("where the kernel tells of small sockets, nothing is inferred", () => {
    moves(SYN_SENT, ESTABLISHED, FIN_WAIT2);
    change({ what: PORT_CHANGE.waits, to: FIN_WAIT2 });
    change({ from: FIN_WAIT2, to: CLOSE });
    change({ what: PORT_CHANGE.waits, to: TIME_WAIT });
    expect(states(65_000)).toEqual({ TIME_WAIT: 1 });
    change({ what: PORT_CHANGE.waited, to: CLOSE });
    expect(states()).toEqual({});
    // tcp_max_tw_buckets was reached: there is none.
    moves(SYN_SENT, ESTABLISHED, FIN_WAIT2, CLOSE);
    expect(states()).toEqual({});
  });

  test("what happened before the sockets were read is not put on top", () => {
    moves(SYN_SENT, ESTABLISHED);
    expect(follower.use.find(ends)?.state).toBe(ESTABLISHED);
    follower.start();
    expect(follower.use.find(ends)).toBeUndefined();
    moves(SYN_SENT, ESTABLISHED);
    expect(follower.use.find(ends)).toBeUndefined();
    at = process.hrtime.bigint();
    moves(SYN_SENT, ESTABLISHED);
    expect(follower.use.find(ends)?.state).toBe(ESTABLISHED);
    follower.lose(3);
    expect(follower.refresh()).toBe(3);
    expect(follower.use.find(ends)).toBeUndefined();
    expect(follower.refresh()).toBe(0);
  });
});
