import { afterEach, describe, expect, test, vi } from "vitest";
import { redraw } from "../../../dsl/redraw.js";
import { beginScript } from "../../../dsl/script.js";

const { isTTY, rows, columns } = process.stdout;

/** What a run's calls write, with standard output as it is given, and what its end writes. */
function written(terminal: boolean, calls: readonly (readonly string[])[]): { during: string; end: string } {
  Object.assign(process.stdout, { isTTY: terminal, rows: 4, columns: 10 });
  const texts: string[] = [];
  const write = vi.spyOn(process.stdout, "write").mockImplementation((text) => texts.push(String(text)) > 0);
  try {
    const script = beginScript([]);
    for (const lines of calls) redraw(lines);
    const during = texts.join("");
    for (const callback of script.host.exit) void callback();
    return { during, end: texts.join("").slice(during.length) };
  } finally {
    write.mockRestore();
  }
}

afterEach(() => {
  Object.assign(process.stdout, { isTTY, rows, columns });
});

describe("redraw", () => {
  test("appends where there is no terminal", () => {
    expect(written(false, [["a", "b"], ["c"]])).toEqual({ during: "\na\nb\n\nc\n", end: "" });
  });

  test("draws on a terminal's other screen, and brings the first one back with what was last", () => {
    expect(written(true, [["a"], ["b", "c"]])).toEqual({
      during: "\x1b[?1049h\x1b[?25l\x1b[H\x1b[Ja\n\x1b[H\x1b[Jb\nc\n",
      end: "\x1b[?25h\x1b[?1049lb\nc\n",
    });
  });

  test("draws what fits, and shows all at the end", () => {
    const lines = ["0123456789abc", "1", "2", "3", "4"];
    const { during, end } = written(true, [lines]);
    expect(during.split("\x1b[J")[1]).toMatch(/^012345678.\n1\n2\n$/);
    expect(end).toBe(`\x1b[?25h\x1b[?1049l${lines.join("\n")}\n`);
  });
});
