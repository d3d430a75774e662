import { expect, test } from "vitest";
import { isGlob, matchGlob } from "../../../kernel/glob.js";

const NAMES = ["tcp:tcp_probe", "tcp:tcp_destroy_sock", "sock:inet_sock_set_state", "skb:kfree_skb", "tcp.x:tcp_probe"];

test.each([
  ["tcp:*", ["tcp:tcp_probe", "tcp:tcp_destroy_sock"]],
  ["*:tcp_probe", ["tcp:tcp_probe", "tcp.x:tcp_probe"]],
  ["s*:*s*k*", ["sock:inet_sock_set_state", "skb:kfree_skb"]],
  ["tcp:*_sock", ["tcp:tcp_destroy_sock"]],
  ["*", []], // a category and an event
  ["*:*", NAMES],
  ["tcp:tcp_probe", ["tcp:tcp_probe"]],
  ["tcp:(*", []],
  ["tcp?x:*", []],
])("%s", (pattern, expected) => {
  expect(matchGlob(pattern, NAMES)).toEqual(expected);
});

test("a pattern has a star", () => {
  expect([isGlob("tcp:*"), isGlob("tcp:tcp_probe")]).toEqual([true, false]);
});
