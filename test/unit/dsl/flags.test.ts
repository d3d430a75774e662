import { describe, expect, test } from "vitest";
import { flags, formatFlags } from "../../../dsl/flags.js";
import { TCP_FLAGS, tcpFlags } from "../../../dsl/kernel/tcp.js";

describe("flags", () => {
  test.each([
    [2, "SYN"],
    [0x12, "SYN|ACK"],
    [0, "0"],
    [0x1ff, "FIN|SYN|RST|PSH|ACK|URG|ECE|CWR|AE"],
    [0x201, "FIN|0x200"],
    [0x600, "0x600"],
  ])("of TCP: %d is %s", (value, text) => {
    expect(tcpFlags(value)).toBe(text);
    expect(tcpFlags(BigInt(value))).toBe(text);
    expect(flags(value, TCP_FLAGS)).toBe(text);
  });

  test("names of several bits, and of none", () => {
    const modes = { RDWR: 3, READ: 1, WRITE: 2, NONE: 0 };
    expect([0, 1, 2, 3, 4, 7].map((value) => formatFlags(value, modes))).toEqual([
      "NONE",
      "READ",
      "WRITE",
      "RDWR",
      "0x4",
      "RDWR|0x4",
    ]);
  });

  test("all bits of 32 and of 64", () => {
    expect(formatFlags(-1, {})).toBe("0xffffffff");
    expect(formatFlags(-(2 ** 31), { TOP: 0x8000_0000 })).toBe("TOP");
    expect(formatFlags(0xffff_ffff_ffff_ffffn, { TOP: 1n << 63n })).toBe("TOP|0x7fffffffffffffff");
    expect(formatFlags(-5_000_000_000, {})).toBe("0xfffffffed5fa0e00");
  });
});
