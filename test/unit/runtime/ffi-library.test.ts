import { constants } from "node:os";
import { expect, test } from "vitest";
import { errnoName } from "../../../runtime/ffi/errno.js";
import { NativeLibrary } from "../../../runtime/ffi/library.js";
import { addressOf, copyFromMemory, copyToMemory, readText, viewMemory } from "../../../runtime/ffi/memory.js";

const host = NativeLibrary.open("");

test("64-bit integers keep all their bits", () => {
  const identity = host.bind("llabs", { parameters: ["i64"], result: "i64" });
  expect(identity(0x7edc_ba98_7654_3211n)).toBe(0x7edc_ba98_7654_3211n);
  expect(identity(-9_007_199_254_740_993n)).toBe(9_007_199_254_740_993n);
  const strtoull = host.bind("strtoull", { parameters: ["string", "pointer", "i32"], result: "u64" });
  expect(strtoull("18446744073709551615", 0n, 10)).toBe(0xffff_ffff_ffff_ffffn);
});

test("a missing symbol is named", () => {
  const missing = host.bind("tsprobe_no_such_function", { parameters: [], result: "i32" });
  expect(() => missing()).toThrow(/tsprobe_no_such_function/);
});

test("32-bit integers keep their sign", () => {
  expect(host.bind("abs", { parameters: ["i32"], result: "i32" })(-7)).toBe(7);
  expect(host.bind("abs", { parameters: ["i32"], result: "u32" })(-2_147_483_648)).toBe(2_147_483_648);
});

test("errno is the one of the call, on this thread and on another", async () => {
  const close = host.bind("close", { parameters: ["i32"], result: "i32" });
  expect(close.withErrno(-1)).toEqual({ value: -1, errno: constants.errno.EBADF });
  const open = host.bind("open", { parameters: ["string", "i32"], result: "i32" });
  const elsewhere = close.inThread(-1);
  expect(open.withErrno("/no/such/file", 0)).toEqual({ value: -1, errno: constants.errno.ENOENT });
  expect(await elsewhere).toEqual({ value: -1, errno: constants.errno.EBADF });
});

test("a library that does not exist is an error with the linker's words", () => {
  for (let attempt = 0; attempt < 2; attempt++)
    expect(() => NativeLibrary.open("libno-such.so.9")).toThrow(/libno-such\.so\.9.*No such file/);
});

test("native memory is read, written and shared", () => {
  const buffer = Buffer.from("kernel\0tracing");
  const address = addressOf(buffer);
  expect(addressOf(buffer.subarray(3)) - address).toBe(3n);
  expect(readText(address)).toBe("kernel");
  expect(readText(0n)).toBe("");
  expect(copyFromMemory(address + 7n, 5).toString()).toBe("traci");
  copyToMemory(address, Buffer.from("KERN"));
  expect(buffer.toString("utf8", 0, 6)).toBe("KERNel");

  const map = host.bind("mmap", { parameters: ["pointer", "u64", "i32", "i32", "i32", "i64"], result: "pointer" });
  const page = map(0n, 4096n, 3, 0x22, -1, 0n);
  const view = new Uint8Array(viewMemory(page, 4096));
  view[4095] = 42;
  expect(copyFromMemory(page + 4095n, 1)[0]).toBe(42);
  copyToMemory(page, Buffer.from([7]));
  expect(view[0]).toBe(7);
});

test("errno values have their usual names", () => {
  expect([1, -1, 2, 11, 28, 524, 4001].map(errnoName)).toEqual([
    "EPERM",
    "EPERM",
    "ENOENT",
    "EAGAIN",
    "ENOSPC",
    "ENOTSUPP",
    "errno 4001",
  ]);
});
