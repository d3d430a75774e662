import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openElf } from "../../../../kernel/elf/index.js";
import { parseNote, readUsdtNotes } from "../../../../kernel/user/usdt-notes.js";
import { describeWhere, requireTool } from "../../../e2e/harness/requirements.js";
import { type CProgram, compileC } from "../../../fixtures/c-program.js";
import { SDT_HEADER } from "../../../fixtures/sdt.js";

function note(words: readonly bigint[], ...texts: readonly string[]): Buffer {
  const head = Buffer.alloc(words.length * 8);
  for (const [i, word] of words.entries()) head.writeBigUInt64LE(word, i * 8);
  return Buffer.concat([head, Buffer.from(texts.map((text) => `${text}\0`).join(""))]);
}

test("a place, with and without a semaphore", () => {
  expect(parseNote(note([0x1234n, 0n, 0n], "nginx", "request", "8@%rdi"), 8, undefined)).toEqual({
    provider: "nginx",
    name: "request",
    address: 0x1234,
    semaphore: undefined,
    arguments: "8@%rdi",
  });
  expect(parseNote(note([0x1234n, 0x2000n, 0x4010n], "a", "b", ""), 8, 0x2000)).toMatchObject({
    address: 0x1234,
    semaphore: 0x4010,
    arguments: "",
  });
});

test("addresses move with the section that the note was written against (prelink)", () => {
  expect(parseNote(note([0x1234n, 0x2000n, 0x4010n], "a", "b", ""), 8, 0x7f00_2000)).toMatchObject({
    address: 0x7f00_1234,
    semaphore: 0x7f00_4010,
  });
});

test("a note that is cut off is refused", () => {
  expect(() => parseNote(Buffer.alloc(23), 8, undefined)).toThrow("a USDT note that is cut off");
});

test("words of 32-bit files", () => {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32LE(0x1234, 0);
  bytes.writeUInt32LE(0x10, 8);
  expect(parseNote(Buffer.concat([bytes, Buffer.from("p\0n\0-4@x\0")]), 4, undefined)).toMatchObject({
    provider: "p",
    name: "n",
    address: 0x1234,
    semaphore: 0x10,
    arguments: "-4@x",
  });
});

describeWhere([requireTool("gcc"), requireTool("readelf", "binutils")], "notes that the assembler wrote", () => {
  let program: CProgram;
  beforeAll(() => {
    program = compileC(
      `${SDT_HEADER}
SDT_SEMAPHORE(watched);
int main(int count, char **words) {
  SDT(test, start, 0, "", "r"(0));
  SDT(test, word, watched, "-4@%[n] 8@%[w]", [n] "r"(count), [w] "r"(words));
  SDT(other, word, watched, "8@%[w]", [w] "r"(words));
  return 0;
}`,
      { name: "tsp-notes" },
    );
  });
  afterAll(() => program?.remove());

  test("are what readelf says", () => {
    const elf = openElf(program.path);
    const notes = readUsdtNotes(elf);
    elf.close();
    const text = execFileSync("readelf", ["-nW", program.path], { encoding: "utf8" });
    const field = (name: string) => [...text.matchAll(new RegExp(`${name}: ?(\\S.*)?$`, "gm"))].map(([, value = ""]) => value);
    const places = [...text.matchAll(/Location: (\S+), Base: \S+, Semaphore: (\S+)/g)];
    expect(notes.length).toBe(3);
    expect(notes.map(({ provider }) => provider)).toEqual(field("Provider"));
    expect(notes.map(({ name }) => name)).toEqual(field("Name"));
    expect(notes.map((one) => one.arguments)).toEqual(field("Arguments"));
    expect(notes.map(({ address, semaphore }) => [address, semaphore ?? 0])).toEqual(
      places.map(([, address, semaphore]) => [Number(address), Number(semaphore)]),
    );
  });
});
