import { expect, test } from "vitest";
import { decodeEntry, encodeEntry, entryDigest } from "../../../../compiler/cache/entry.js";

const digest = entryDigest("key");
const payload = Buffer.from("an object's bytes");

test("what was encoded is decoded, also when empty", () => {
  for (const bytes of [payload, Buffer.alloc(0)]) {
    const decoded = decodeEntry(digest, encodeEntry(digest, bytes));
    expect("payload" in decoded && Buffer.from(decoded.payload).equals(bytes)).toBe(true);
  }
});

test("every single bit counts", () => {
  const entry = encodeEntry(digest, payload);
  for (let bit = 0; bit < entry.length * 8; bit++) {
    const damaged = Buffer.from(entry);
    damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
    expect(decodeEntry(digest, damaged), `bit ${bit}`).toHaveProperty("problem");
  }
});

test("every truncation and any excess is noticed", () => {
  const entry = encodeEntry(digest, payload);
  for (let length = 0; length < entry.length; length++) {
    expect(decodeEntry(digest, entry.subarray(0, length)), `${length} bytes`).toHaveProperty("problem");
  }
  expect(decodeEntry(digest, Buffer.concat([entry, Buffer.of(0)]))).toEqual({ problem: "is longer than it should be" });
});

test("an entry of another key, a foreign file and another format are told apart", () => {
  expect(decodeEntry(entryDigest("other"), encodeEntry(digest, payload))).toEqual({ problem: "belongs to another key" });
  expect(decodeEntry(digest, Buffer.from("\x7fELF something else altogether"))).toEqual({
    problem: "is not a tsprobe cache entry",
  });
  const newer = encodeEntry(digest, payload);
  newer.writeUInt32LE(99, 8);
  expect(decodeEntry(digest, newer)).toEqual({ problem: "has another format" });
});
