import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type FrameColors, type FrameMark, renderFrame } from "../../../diagnostics/frame.js";
import { layOutLine } from "../../../diagnostics/source-line.js";
import type { SourceFile } from "../../../diagnostics/span.js";
import { displayWidth } from "../../../diagnostics/width.js";

const same = (text: string) => text;
const plain: FrameColors = { bold: same, dim: same, red: same, yellow: same, cyan: same };

/** Source with marks in it: «primary», ‹explanation›. Marks are taken out; the frame is of what remains. */
function frame(marked: string, options: { width?: number; messages?: string[] } = {}): string {
  const spans: { kind: string; start: number; end: number }[] = [];
  let text = "";
  for (const character of marked) {
    if (character === "«" || character === "‹") spans.push({ kind: character, start: text.length, end: -1 });
    else if (character === "»" || character === "›")
      (spans.findLast(({ end }) => end === -1) as { end: number }).end = text.length;
    else text += character;
  }
  const file: SourceFile = { path: "/s/script.ts", text };
  const [messages = []] = [options.messages];
  const marks = spans
    .sort((a, b) => Number(a.kind === "‹") - Number(b.kind === "‹"))
    .map(({ start, end }, index): FrameMark => {
      const message = messages[index];
      return { span: { file, start, end }, ...(message ? { message } : {}) };
    });
  return `\n${renderFrame(marks, { colors: plain, width: options.width ?? 80, paint: same }).join("\n")}\n`;
}

describe("one line", () => {
  test("with a line before and after", () => {
    expect(frame("one\ntwo\nconst x = «ctx.fo»;\nfour\nfive\n")).toMatchInlineSnapshot(`
      "
      2 | two
      3 | const x = ctx.fo;
        |           ^^^^^^
      4 | four
      "
    `);
  });
  test("first and only line, no line break at its end", () => {
    expect(frame("«x»")).toMatchInlineSnapshot(`
      "
      1 | x
        | ^
      "
    `);
  });
  test("blank lines around it are not shown", () => {
    expect(frame("one\n\n  «x»\n\ntwo")).toMatchInlineSnapshot(`
      "
      3 |   x
        |   ^
      "
    `);
  });
  test("numbers are aligned where they grow", () => {
    expect(frame(`${"\n".repeat(7)}eight\nnine «x»\nten`)).toMatchInlineSnapshot(`
      "
       8 | eight
       9 | nine x
         |      ^
      10 | ten
      "
    `);
  });
  test("an empty span is one column, also at the end of a line and of the file", () => {
    expect(frame("a(«»b)")).toMatchInlineSnapshot(`
      "
      1 | a(b)
        |   ^
      "
    `);
    expect(frame("const x =«»\nnext")).toMatchInlineSnapshot(`
      "
      1 | const x =
        |          ^
      2 | next
      "
    `);
    expect(frame("const x = {\n«»")).toMatchInlineSnapshot(`
      "
      1 | const x = {
      2 |
        | ^
      "
    `);
  });
  test("Windows line ends", () => {
    expect(frame("one\r\n«two»\r\nthree\r\n")).toMatchInlineSnapshot(`
      "
      1 | one
      2 | two
        | ^^^
      3 | three
      "
    `);
  });
});

describe("several lines", () => {
  test("each is underlined without its indentation and the blanks at its end", () => {
    expect(frame("a\n  «return {\n    pid: pid(),   \n\n  };»\nb")).toMatchInlineSnapshot(`
      "
      1 | a
      2 |   return {
        |   ^^^^^^^^
      3 |     pid: pid(),
        |     ^^^^^^^^^^^
      4 |
      5 |   };
        |   ^^
      6 | b
      "
    `);
  });
  test("the middle of a long one is left out", () => {
    const body = Array.from({ length: 20 }, (_, index) => `  statement(${index});`).join("\n");
    expect(frame(`before\n«if (x) {\n${body}\n}»\nafter`)).toMatchInlineSnapshot(`
      "
       1 | before
       2 | if (x) {
         | ^^^^^^^^
       3 |   statement(0);
         |   ^^^^^^^^^^^^^
       4 |   statement(1);
         |   ^^^^^^^^^^^^^
      ...
      21 |   statement(18);
         |   ^^^^^^^^^^^^^^
      22 |   statement(19);
         |   ^^^^^^^^^^^^^^
      23 | }
         | ^
      24 | after
      "
    `);
  });
});

describe("characters that do not take one column", () => {
  test("tabs", () => {
    expect(frame("\t\tif\t(«x»)\n\t\t{")).toMatchInlineSnapshot(`
      "
      1 |         if  (x)
        |              ^
      2 |         {
      "
    `);
  });
  test("wide, combining and joined ones", () => {
    const marked = 'const 名前 = "日本", «e\u0301» = "👩‍👩‍👧", ‹x›;';
    expect(frame(marked)).toMatchInlineSnapshot(`
      "
      1 | const 名前 = "日本", é = "👩‍👩‍👧", x;
        |                      ^
        |                                -
      "
    `);
  });
  test("control characters and direction marks never reach the terminal", () => {
    expect(frame('"\u001b[31m" «x» /*\u202e*/ "\u0007\u007f\u009b"')).toMatchInlineSnapshot(`
      "
      1 | "␛[31m" x /*�*/ "␇␡�"
        |         ^
      "
    `);
  });
});

describe("long lines", () => {
  const long = (length: number) => "abcdefghij".repeat(length / 10);
  test("are cut at the right when the mark is at the left", () => {
    expect(frame(`«x» = ${long(100)}`, { width: 50 })).toMatchInlineSnapshot(`
      "
      1 | x = abcdefghijabcdefghijabcdefghijabcdefghija…
        | ^
      "
    `);
  });
  test("are cut at both sides around a mark in the middle", () => {
    expect(frame(`${long(100)} «mark» ${long(100)}`, { width: 50 })).toMatchInlineSnapshot(`
      "
      1 | …bcdefghijabcdefghij mark abcdefghijabcdefghi…
        |                      ^^^^
      "
    `);
  });
  test("are cut at the left when the mark is at the end", () => {
    expect(frame(`${long(100)} «mark»`, { width: 50 })).toMatchInlineSnapshot(`
      "
      1 | …abcdefghijabcdefghijabcdefghijabcdefghij mark
        |                                           ^^^^
      "
    `);
  });
  test("a mark longer than the terminal shows its beginning", () => {
    expect(frame(`${long(100)} «${long(100)}» x`, { width: 50 })).toMatchInlineSnapshot(`
      "
      1 | …hij abcdefghijabcdefghijabcdefghijabcdefghij…
        |      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      "
    `);
  });
  test("a megabyte in one line: only the part around the mark is laid out", () => {
    const line = `${"日".repeat(500_000)} mark ${long(500_000)}`;
    const layout = layOutLine(line, 500_001);
    expect(layout.cells.length).toBeLessThanOrEqual(2000);
    expect(layout.cells.find((cell) => cell.start === 500_001)?.shown).toBe("m");
    expect(frame(`${"日".repeat(500_000)} «mark» ${long(500_000)}`, { width: 40 })).toMatchInlineSnapshot(`
      "
      1 |  … 日日日日日日 mark abcdefghijabcd…
        |                 ^^^^
      "
    `);
  });
  test("a cut never falls into a surrogate pair", () => {
    for (const shift of ["", "x"]) {
      const line = `${shift}${"𝒳".repeat(3000)}`;
      expect(layOutLine(line, 3001).cells[0]?.shown).toBe("𝒳");
    }
  });
});

describe("explanations", () => {
  test("beside the mark, on other lines, far away", () => {
    const source = "const ‹since› = lruHash();\n\n\n\n\nfn(‹key›, «now»);\n‹end›\n";
    expect(frame(source, { messages: ["", "declared here", "a bigint", "after"] })).toMatchInlineSnapshot(`
      "
      1 | const since = lruHash();
        |       ----- declared here
      ...
      6 | fn(key, now);
        |         ^^^
        |    --- a bigint
      7 | end
        | --- after
      "
    `);
  });
  test("a message stands at the last line of its mark", () => {
    expect(frame("«f(\n  1,\n)»", { messages: ["too many"] })).toMatchInlineSnapshot(`
      "
      1 | f(
        | ^^
      2 |   1,
        |   ^^
      3 | )
        | ^ too many
      "
    `);
  });
});

test("any text and any span: as wide as asked, underlined where the span is", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 300 }).map((body) => body.replace(/[\r\u0085]/g, "\n"));
  const property = fc.property(text, fc.nat(), fc.nat(), fc.integer({ min: 30, max: 120 }), (body, one, two, width) => {
    const [start, end] = [one % (body.length + 1), two % (body.length + 1)].sort((a, b) => a - b) as [number, number];
    const file: SourceFile = { path: "/s.ts", text: body };
    const lines = renderFrame([{ span: { file, start, end } }], { colors: plain, width, paint: same });
    expect(lines.some((line) => /^ *\| *\^+$/.test(line))).toBe(true);
    for (const line of lines) {
      expect(displayWidth(line)).toBeLessThanOrEqual(width);
      expect(line).not.toMatch(/\p{Cc}/u);
    }
  });
  fc.assert(property, { numRuns: 300 });
});
