import { describe, expect, test } from "vitest";
import { type Machine, machineOf } from "../../../../kernel/user/machine.js";
import { parseUsdtArguments } from "../../../../kernel/user/usdt-argument.js";

const file = { place: 0x1000, symbol: (name: string) => ({ counter: 0x4010, far: 0x800 })[name] };
const parse = (arch: string, text: string) => parseUsdtArguments(text, machineOf(arch) as Machine, file);

const register = (offset: number) => ({ kind: "register", register: offset });
const constant = (value: bigint) => ({ kind: "constant", value });
const memory = (base: number | undefined, displacement: bigint, index?: number, scale = 1) => ({
  kind: "memory",
  base,
  index,
  scale,
  displacement,
});

describe("x86-64", () => {
  test.each([
    ["-4@%edi", 4, true, register(112)],
    ["8@%rax", 8, false, register(80)],
    ["1@%r15b", 1, false, register(0)],
    ["-1@%ah", 1, true, register(81)],
    ["-4@$5", 4, true, constant(5n)],
    ["-4@$-1", 4, true, constant(-1n)],
    ["8@$0xdeadbeefcafe", 8, false, constant(0xdead_beef_cafen)],
    ["8@8(%rsp)", 8, false, memory(152, 8n)],
    ["8@(%rbx)", 8, false, memory(40, 0n)],
    ["-4@-0x14(%rbp)", 4, true, memory(32, -20n)],
    ["2@(%rax,%rcx)", 2, false, memory(80, 0n, 88)],
    ["2@16(%rax,%rcx,8)", 2, false, memory(80, 16n, 88, 8)],
    ["4@-8(,%r8,4)", 4, false, memory(undefined, -8n, 72, 4)],
    ["8@1234", 8, false, memory(undefined, 1234n)],
    ["-4@counter(%rip)", 4, true, memory(128, 0x3010n)],
    ["-4@counter+8(%rip)", 4, true, memory(128, 0x3018n)],
    ["-4@far-4(%rip)", 4, true, memory(128, -0x804n)],
  ])("%s", (text, size, signed, location) => expect(parse("x64", text)).toEqual([{ size, signed, location, text }]));

  test.each([
    "8f@%xmm0",
    "16@%xmm0",
    "8@%xmm1",
    "8@missing(%rip)",
    "8@counter(%rax)",
    "8@",
    "8@%",
    "8@(%nope)",
    "8@8(%rax,%no,2)",
  ])("%s cannot be read", (text) => expect(parse("x64", text)[0]).toMatchObject({ location: undefined, text }));

  test("several, apart by blanks", () => {
    expect(parse("x64", " -4@%edi 8@8(%rsp)  -4@$5 ").map(({ text }) => text)).toEqual(["-4@%edi", "8@8(%rsp)", "-4@$5"]);
    expect(parse("x64", "")).toEqual([]);
  });
});

describe("arm64", () => {
  test.each([
    ["8@x0", 8, false, register(0)],
    ["-4@w21", 4, true, register(168)],
    ["8@x30", 8, false, register(240)],
    ["-4@5", 4, true, constant(5n)],
    ["-4@-1", 4, true, constant(-1n)],
    ["8@xzr", 8, false, constant(0n)],
    ["-4@[sp, 60]", 4, true, memory(248, 60n)],
    ["-4@[sp,60]", 4, true, memory(248, 60n)],
    ["8@[x29, #-16]", 8, false, memory(232, -16n)],
    ["1@[x19]", 1, false, memory(152, 0n)],
    ["8@[x0, x1]", 8, false, memory(0, 0n, 8)],
    ["8@[x0, x1, lsl 3]", 8, false, memory(0, 0n, 8, 8)],
    ["8@[x0, x1, lsl #2]", 8, false, memory(0, 0n, 8, 4)],
  ])("%s", (text, size, signed, location) => expect(parse("arm64", text)).toEqual([{ size, signed, location, text }]));

  test.each(["8f@d0", "8@v1", "8@[x0, w1, sxtw 2]", "8@[q0]", "8@[x31]"])("%s cannot be read", (text) =>
    expect(parse("arm64", text)[0]).toMatchObject({ location: undefined, text }),
  );

  test("several: blanks inside brackets do not part them", () => {
    expect(parse("arm64", "-4@[sp, 60] 8@x0 8@[x1, x2] -4@7").map(({ text }) => text)).toEqual([
      "-4@[sp, 60]",
      "8@x0",
      "8@[x1, x2]",
      "-4@7",
    ]);
  });
});
