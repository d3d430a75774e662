import { existsSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { describe, expect, test } from "vitest";
import { errno, errnoName, signal, signalName, syscallName } from "../../../dsl/kernel/index.js";

test("errors have the names that the C library knows, with either sign", () => {
  for (const [name, code] of Object.entries(constants.errno)) {
    if (name === "EWOULDBLOCK" || name === "EOPNOTSUPP" || name === "ENOTSUP") continue;
    expect([errnoName(code), errnoName(-code), errnoName(BigInt(-code))]).toEqual([name, name, name]);
    expect((errno as Record<string, number>)[name]).toBe(code);
  }
  expect([errnoName(constants.errno.EWOULDBLOCK), errnoName(constants.errno.EOPNOTSUPP)]).toEqual(["EAGAIN", "EOPNOTSUPP"]);
  expect([errnoName(0), errnoName(5000n), errnoName(-5000)]).toEqual(["0", "5000", "-5000"]);
  expect(Object.keys(errno).length).toBeGreaterThan(130);
});

test("signals have the names that the C library knows", () => {
  const aliases = new Set(["SIGIOT", "SIGPOLL", "SIGUNUSED", "SIGCLD"]);
  for (const [name, number] of Object.entries(constants.signals)) if (!aliases.has(name)) expect(signalName(number)).toBe(name);
  expect(Object.values(signal)).toEqual(Array.from({ length: 31 }, (_, i) => i + 1));
  expect([signalName(0), signalName(34), signalName(9n)]).toEqual(["0", "34", "SIGKILL"]);
});

const HEADER = "/usr/include/x86_64-linux-gnu/asm/unistd_64.h";

describe.skipIf(process.arch !== "x64")("system calls of x86-64", () => {
  test("have known numbers", () => {
    expect([0, 1, 59, 202, 257, 257n, 435, 449].map(syscallName)).toEqual([
      "read",
      "write",
      "execve",
      "futex",
      "openat",
      "openat",
      "clone3",
      "futex_waitv",
    ]);
    expect([syscallName(-1), syscallName(400), syscallName(7_000_000n)]).toEqual(["-1", "400", "7000000"]);
  });

  test.skipIf(!existsSync(HEADER))(`have the names of ${HEADER}`, () => {
    const listed = [...readFileSync(HEADER, "utf8").matchAll(/#define __NR_(\w+) (\d+)/g)];
    expect(listed.length).toBeGreaterThan(300);
    for (const [, name, number] of listed) expect(syscallName(Number(number))).toBe(name);
  });
});
