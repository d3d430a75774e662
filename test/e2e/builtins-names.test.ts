import { expect, test } from "vitest";
import { libc } from "../../runtime/ffi/libc.js";
import { collect } from "./harness/collect.js";
import { describeWhere, requireRoot } from "./harness/requirements.js";

const needs = [requireRoot];

describeWhere(needs, "names of numbers", () => {
  test("of a system call and its error, and comparison by name", async () => {
    const source = `import { tid, tracepoint } from "tsprobe";
import { errnoName, signalName, syscallName } from "tsprobe/kernel";
export const ended = tracepoint("raw_syscalls:sys_exit", (ctx) => {
  if (syscallName(ctx.id) !== "close" || ctx.ret === 0n) return;
  return {
    tid: tid(), call: syscallName(ctx.id), error: errnoName(ctx.ret), is: errnoName(ctx.ret) === "EBADF", not: errnoName(ctx.ret) !== "EBADF",
    other: errnoName(ctx.ret) === "EAGAIN", good: errnoName(0), plain: errnoName(111), none: syscallName(ctx.id + 100000n),
    signal: signalName(15), ret: ctx.ret,
  };
});`;
    const { streams } = await collect(source, async () => {
      libc.close(-1);
    });
    expect(streams[0]?.find((event) => event.tid === process.pid)).toEqual({
      tid: process.pid,
      call: "close",
      error: "EBADF",
      is: true,
      not: false,
      other: false,
      good: "0",
      plain: "ECONNREFUSED",
      none: process.arch === "x64" ? "100003" : "100057",
      signal: "SIGTERM",
      ret: -9n,
    });
  });
});
