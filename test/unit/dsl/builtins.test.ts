import { expect, test } from "vitest";
import { builtinOf } from "../../../dsl/builtin.js";
import { ip, num } from "../../../dsl/builtins.js";
import { ktimeNs } from "../../../dsl/builtins-clock.js";
import { comm, pid, tid } from "../../../dsl/builtins-task.js";
import * as kernel from "../../../dsl/kernel/index.js";
import { task } from "../../../dsl/test/index.js";

test("clock and task come from the test", () => {
  task({ pid: 7, tid: 8, comm: "a-very-long-thread-name", ktimeNs: 5n });
  expect([pid(), tid(), comm(), ktimeNs()]).toEqual([7, 8, "a-very-long-thr", 5n]);
  task({ pid: 9 });
  expect([pid(), tid()]).toEqual([9, 8]);
});

test("ip reads 4 or 16 bytes in network order", () => {
  expect(ip([127, 0, 0, 1] as never)).toBe("127.0.0.1");
  expect(ip(Uint8Array.of(0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1) as never)).toBe("2001:db8::1");
});

test("num is exact up to 2^53 and the nearest double above", () => {
  expect([num(2n ** 53n), num(2n ** 64n - 1n)]).toEqual([2 ** 53, 2 ** 64]);
});

test("tcpState names the kernel's states; a number without a name stays one", () => {
  const states = Object.entries(kernel).filter(([name, value]) => typeof value === "number" && name.startsWith("TCP_")) as [
    string,
    number,
  ][];
  expect(states).toHaveLength(13);
  for (const [name, state] of states) expect(kernel.tcpState(state)).toBe(name.slice("TCP_".length));
  expect([kernel.tcpState(0), kernel.tcpState(99)]).toEqual(["0", "99"]);
});

test("the compiler knows them by identity", () => {
  expect(builtinOf(pid)).toEqual({ name: "pid" });
  expect(builtinOf(kernel.tcpState)?.names?.get(10)).toBe("LISTEN");
  expect([builtinOf(() => 1), builtinOf("pid"), builtinOf(undefined)]).toEqual([undefined, undefined, undefined]);
});
