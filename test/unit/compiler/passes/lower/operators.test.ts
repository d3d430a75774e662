import { describe, expect, test } from "vitest";
import { refusalsOf, valueIr } from "./lowered.js";

const OPERANDS = "const a = ctx.args[0], b = ctx.args[1], s = BigInt.asIntN(64, a), i = Number(a & 0xffn), j = i - 100;";
const value = (text: string) => valueIr(`${OPERANDS} return { v: ${text} };`);
const refused = (text: string, host = "") => refusalsOf(`${OPERANDS} return { v: ${text} };`, host);

describe("checks stand only where a result may not fit", () => {
  test.each([
    ["a + b", "(a +! b)"],
    ["(a >> 1n) + 1n", "((a >> 1n) + 1n)"],
    ["a / b", "(a /! b)"],
    ["a / 2n", "(a / 2n)"],
    ["s / b", "(s /! b)"],
    ["i + j", "(i + j)"],
    ["i * 1000000", "(i * 1000000)"],
    ["-i", "negate(i)"],
    ["-a", "negate!(a)"],
    ["a >> b", "(a >> b)"],
    ["a >> s", "(a >>! s)"],
    ["(a & 0xffn) << 8n", "((a & 255n) << 8n)"],
    ["a << 1n", "(a <<! 1n)"],
    ["i << j", "(i << j)"],
    ["Math.trunc(i / 3)", "(i / 3)"],
    ["Math.trunc(i / j)", "(i /! j)"],
    ["Math.abs(j)", "maximum(j, negate(j))"],
    ["Number(a)", "convert!<number[0..9007199254740991]>(a)"],
    ["Number(a & 1n)", "convert<number[0..1]>((a & 1n))"],
    ["BigInt.asUintN(8, a)", "cut8(a)"],
    ["2 + 3", "5"],
    ["i > 300", "false"],
    ["i !== 300", "true"],
    ["a === b || true", "((a === b) || true)"],
    ["true || a === b", "true"],
    ["s | b", "(s | convert!<s64[0..9223372036854775807]>(b))"],
  ])("%s", async (text, expected) => {
    expect(await value(text)).toBe(expected);
  });
});

describe("wrong types are refused", () => {
  test.each([
    ["a + 1", "TSP2203", "`+` mixes bigint and number", "a + 1"],
    ["i + 1n", "TSP2203", "`+` mixes number and bigint", "i + 1n"],
    ["a < 5", "TSP2203", "`<` cannot compare bigint with number", "a < 5"],
    ["a === comm()", "TSP2201", "`===` cannot compare bigint with string", "a === comm()"],
    ["i / 2", "TSP2103", "dividing numbers gives fractions, which the kernel does not have", "i / 2"],
    ["a / 0n", "TSP2105", "division by zero", "0n"],
    ["i % 0", "TSP2105", "division by zero", "0"],
    ["a >>> 1n", "TSP2101", "`>>>` does not exist for bigint", "a >>> 1n"],
    ["i ** 2", "TSP2101", "the operator `**` is not available in kernel code", "i ** 2"],
    ["a == b", "TSP2101", "`==` is not available in kernel code", "a == b"],
    ["i in ctx", "TSP2101", "the operator `in` is not available in kernel code", "i in ctx"],
    ["+a", "TSP2203", "`+` cannot be put before a bigint", "+a"],
    ["typeof a", "TSP2101", "`typeof` is not available in kernel code", "typeof a"],
    ["void pid()", "TSP2101", "`void` is not available in kernel code", "void pid()"],
    ["-true", "TSP2201", "this needs a number or a bigint, not boolean", "true"],
    ["a && b", "TSP2106", "`&&` gives bigint or bigint here, which has no one type in the kernel", "a && b"],
    ["a > b ? 1 : 2n", "TSP2201", "the two sides have different types: number and bigint", "a > b ? 1 : 2n"],
    ["Math.max(a, b)", "TSP2203", "Math works on numbers, not on bigints", "a"],
    ["Math.floor(i)", "TSP2118", "Math.floor works with fractions, which the kernel does not have", "Math.floor"],
    ["Number(comm())", "TSP2201", "this needs a number or a bigint, not string", "comm()"],
    ["BigInt.asUintN(7, a)", "TSP2122", "the number of bits must be 8, 16, 32 or 64 here", "7"],
    ["BigInt.asUintN(8, i)", "TSP2203", "this needs a bigint", "i"],
    ["1.5", "TSP2103", "the kernel has no floating point: 1.5 cannot be used", "1.5"],
    ["1e300", "TSP2103", "this number is larger than the integers that numbers hold exactly", "1e300"],
    ["18446744073709551616n", "TSP2103", "18446744073709551616n does not fit in 64 bits", "18446744073709551616n"],
    ["-9223372036854775809n", "TSP2103", "-9223372036854775809n does not fit in 64 bits", "-9223372036854775809n"],
    ["ctx.args[6]", "TSP2117", "the index is never inside the array, which has 6 elements", "6"],
    ["ctx.args[0n]", "TSP2203", "an index must be a number, not a bigint", "0n"],
    ["comm()[0]", "TSP2116", "string cannot be indexed in kernel code", "comm()[0]"],
    ["comm().size", "TSP2112", "string has no size in kernel code", "size"],
    ["comm().slice(1)", "TSP2118", ".slice() is not available in kernel code", "slice"],
    ["pid(1)", "TSP2119", "this call needs 0 arguments, not 1", "pid(1)"],
    ["ip(ctx.args)", "TSP2201", "ip() needs an address of 4 or 16 bytes, not Ints of length 6", "ctx.args"],
    ['tcpState(i) === "LISTENING"', "TSP2204", 'no value has the name "LISTENING"', '"LISTENING"'],
  ])("%s", async (text, code, message, at) => {
    const refusals = await refused(text);
    expect(refusals).toHaveLength(1);
    expect(refusals[0]).toMatchObject({ code, message, at });
  });

  test("unknown fields get the nearest names", async () => {
    expect(await refusalsOf("return { v: ctx.sprot };", "", "sock:inet_sock_set_state")).toEqual([
      {
        code: "TSP3002",
        message: "the tracepoint sock:inet_sock_set_state has no field sprot",
        at: "sprot",
        hints: [expect.stringContaining("sport")],
      },
    ]);
    expect(await refusalsOf("return { v: 1 };", "", "sock:inet_sock_set_stat")).toMatchObject([
      { code: "TSP3001", at: "sock:inet_sock_set_stat", hints: [expect.stringContaining("sock:inet_sock_set_state")] },
    ]);
    expect(await refusalsOf("return { v: o.frist };", "const o = { first: 1 };")).toMatchObject([
      { code: "TSP3002", at: "frist", hints: ["did you mean first?"] },
    ]);
  });

  test("all mistakes of a handler are told, each once", async () => {
    const found = await refusalsOf("const x = 1.5; const y = x + 1; const z = ctx.nothing; return { v: y, z, w: 1n + 1 };");
    expect(found.map(({ code }) => code)).toEqual(["TSP2103", "TSP3002"]);
  });
});
