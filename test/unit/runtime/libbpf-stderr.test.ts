import { fstatSync, writeSync } from "node:fs";
import { expect, test } from "vitest";
import { NativeLibrary } from "../../../runtime/ffi/library.js";
import { captureStderr } from "../../../runtime/libbpf/stderr.js";

test("keeps what native code writes to descriptor 2, and puts the descriptor back", () => {
  const before = fstatSync(2).ino;
  const perror = NativeLibrary.open("").bind("perror", { parameters: ["string"], result: "void" });
  const { value, text } = captureStderr(() => {
    writeSync(2, "libbpf: first\n");
    perror("libbpf");
    expect(fstatSync(2).ino).not.toBe(before);
    return 42;
  });
  expect(value).toBe(42);
  expect(text).toMatch(/^libbpf: first\nlibbpf: .+\n$/);
  expect(fstatSync(2).ino).toBe(before);
});

test("keeps text longer than a pipe holds", () => {
  const line = `${"x".repeat(1023)}\n`;
  const { text } = captureStderr(() => {
    for (let index = 0; index < 300; index++) writeSync(2, line);
  });
  expect(text.length).toBe(300 * 1024);
});

test("puts the descriptor back when the function throws", () => {
  const before = fstatSync(2).ino;
  expect(() =>
    captureStderr(() => {
      throw new Error("mine");
    }),
  ).toThrow("mine");
  expect(fstatSync(2).ino).toBe(before);
});
