import { readdirSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { loadScript } from "../../../compiler/capture/load.js";
import type { CaptureRecord } from "../../../compiler/capture/record.js";
import type { Diagnostic } from "../../../diagnostics/diagnostic.js";
import { positionAt, type Span } from "../../../diagnostics/span.js";
import { ScriptFolder } from "../../unit/compiler/capture/built.js";

/**
 * Each file beside this one is a case: a sentence, the script and its files, and what capture finds in them.
 * `npx vitest run test/golden/capture -u` writes the findings anew.
 */
const here = import.meta.dirname;
const cases = readdirSync(here).filter((name) => name.endsWith(".txt"));

/** Never loaded: capture only looks at the names. */
const resolveOwn = {
  tsprobe: "file:///own/index.js",
  "tsprobe/kernel": "file:///own/kernel.js",
  "tsprobe/test": "file:///own/test.js",
};

describe("capture", () => {
  test.each(cases)("%s", async (name) => {
    const path = join(here, name);
    const input = readFileSync(path, "utf8").split(/^=== (?:captures|diagnostics)\n/m)[0] as string;
    const [, ...parts] = input.split(/^=== (.*)\n/m);
    const files: Record<string, string> = {};
    for (let i = 0; i < parts.length; i += 2) files[parts[i] as string] = parts[i + 1] as string;
    const folder = new ScriptFolder(files);
    try {
      const script = await loadScript(join(folder.path, parts[0] as string), { resolveOwn });
      const place = (span: Span): string => `${relative(folder.path, span.file.path)}:${lineAndColumn(span)}`;
      const captures = [...script.captures.values()].map((capture) => describeCapture(capture, place));
      const diagnostics = script.diagnostics.map((diagnostic) => describeDiagnostic(diagnostic, place));
      const found = `=== captures\n${captures.join("")}${diagnostics.length === 0 ? "" : `=== diagnostics\n${diagnostics.join("")}`}`;
      await expect(`${input}${found}`).toMatchFileSnapshot(path);
    } finally {
      folder.dispose();
    }
  });

  test("there are enough cases", () => {
    expect(cases.length).toBeGreaterThanOrEqual(30);
    expect(cases.map((name) => basename(name, ".txt"))).toContain("re-export-cycle");
  });
});

function lineAndColumn({ file, start }: Span): string {
  const { line, column } = positionAt(file, start);
  return `${line}:${column}`;
}

function describeCapture(capture: CaptureRecord, place: (span: Span) => string): string {
  const { id, callee, bindingName, span, free, file } = capture;
  const text = file.text.slice(span.start, span.end).replace(/\s+/g, " ");
  const head = `${id} ${bindingName ?? "(no name)"} = ${callee} at ${place(span)}: ${text.length > 60 ? `${text.slice(0, 58)}…` : text}\n`;
  const variables = free.map(({ name, kind, reference, declaration }) => {
    const declared = declaration === undefined ? "" : `, declared ${lineAndColumn(declaration)}`;
    expect(reference.file.text.slice(reference.start, reference.end)).toBe(name);
    if (declaration !== undefined) expect(declaration.file.text.slice(declaration.start, declaration.end)).toBe(name);
    return `  ${kind} ${name}: used ${lineAndColumn(reference)}${declared}\n`;
  });
  return head + variables.join("");
}

function describeDiagnostic({ code, message, span, labels, hints }: Diagnostic, place: (span: Span) => string): string {
  const quote = (s: Span): string => `${place(s)} \`${s.file.text.slice(s.start, s.end)}\``;
  const lines = [
    `${code} ${span === undefined ? "" : quote(span)}: ${message}`,
    ...(labels ?? []).map((label) => `  ${quote(label.span)}: ${label.message}`),
    ...(hints ?? []).map((hint) => `  hint: ${hint}`),
  ];
  return `${lines.join("\n")}\n`;
}
