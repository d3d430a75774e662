import { expect, test } from "vitest";
import { readChoice, readCount, readDuration, readRingSize } from "../../../cli/flags-values.js";
import { DiagnosticError } from "../../../diagnostics/diagnostic.js";

function complaint(read: (text: string, flag: string) => unknown, text: string): string {
  try {
    read(text, "--flag");
  } catch (error) {
    if (error instanceof DiagnosticError) {
      const [{ message, hints, failure }] = error.diagnostics as [DiagnosticError["diagnostics"][0]];
      expect(failure).toBe("usage");
      return [message, ...(hints ?? [])].join("\n");
    }
  }
  throw new Error(`"${text}" was taken`);
}

test.each([
  ["4096", 4096],
  ["4k", 4096],
  ["256K", 262_144],
  ["4M", 4_194_304],
  ["4MiB", 4_194_304],
  ["1GB", 2 ** 30],
])("ring size %s", (text, bytes) => {
  expect(readRingSize(text, "--ring-size")).toBe(bytes);
});

test("refused values and what is said about them", () => {
  const said = [
    complaint(readRingSize, "5M"),
    complaint(readRingSize, "2K"),
    complaint(readRingSize, "2G"),
    complaint(readRingSize, "lots"),
    complaint(readCount, "0"),
    complaint(readCount, "1.5"),
    complaint(readCount, "99999999999999999999"),
    complaint(readDuration, "0"),
    complaint(readDuration, "soon"),
    complaint(readDuration, "1000h"),
    complaint(readChoice(["table", "json"]), "xml"),
  ];
  expect(said.join("\n")).toMatchInlineSnapshot(`
    "--flag does not take "5M"
    the kernel takes powers of two: 4M or 8M
    --flag does not take "2K"
    write a size from 4K to 1G
    --flag does not take "2G"
    write a size from 4K to 1G
    --flag does not take "lots"
    write a size like 256K, 4M or 1G
    --flag does not take "0"
    write a whole number from 1
    --flag does not take "1.5"
    write a whole number from 1
    --flag does not take "99999999999999999999"
    write a whole number from 1
    --flag does not take "0"
    write a time like 10s, 500ms, 2m or 1h30m; a plain number is seconds
    --flag does not take "soon"
    write a time like 10s, 500ms, 2m or 1h30m; a plain number is seconds
    --flag does not take "1000h"
    at most 596h; without --flag it runs until Ctrl-C
    --flag does not take "xml"
    choose one of table, json"
  `);
});
