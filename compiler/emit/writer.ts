import { positionAt, type Span } from "../../diagnostics/span.js";

/** Collects C lines; statements of the script are preceded by a #line directive, so that all tools speak of the script. */
export class LineWriter {
  readonly #lines: string[] = [];
  readonly statements: Span[] = [];
  #depth = 0;
  #atScript = false;

  /** One line of C that belongs to no line of the script. */
  line(text: string): void {
    this.#lines.push(text === "" ? "" : "  ".repeat(this.#depth) + text);
  }

  /** One C statement that stands for a place in the script. */
  statement(span: Span, text: string): void {
    this.mark(span);
    this.line(text);
  }

  /** What follows stands for this place. */
  mark(span: Span): void {
    const { line } = positionAt(span.file, span.start);
    this.#lines.push(`#line ${line} ${quote(span.file.path)}`);
    this.statements.push(span);
    this.#atScript = true;
  }

  /** What follows belongs to no place of the script. */
  leaveScript(): void {
    if (this.#atScript) this.#lines.push('#line 1 "<tsprobe>"');
    this.#atScript = false;
  }

  indented(body: () => void): void {
    this.#depth++;
    body();
    this.#depth--;
  }

  toString(): string {
    return `${this.#lines.join("\n")}\n`;
  }
}

/** A C string literal. Bytes beyond ASCII pass as they are: clang reads UTF-8. */
export function quote(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must be escaped
  return `"${text.replace(/["\\]/g, "\\$&").replace(/[\u0000-\u001f\u007f]/g, (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, "0")}`)}"`;
}
