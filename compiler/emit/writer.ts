import { positionAt, type Span } from "../../diagnostics/span.js";

/** Where C that belongs to no line of a script says it is. */
const OWN = "<tsprobe>";

/** Collects C lines; those of the script stand under #line directives, so that all tools speak of the script. */
export class LineWriter {
  readonly #lines: string[] = [];
  readonly statements: Span[] = [];
  #depth = 0;
  /** File and line that the next line of C has for the compiler. */
  #file: string | undefined;
  #line = 0;

  /** One line of C that belongs to no line of the script. */
  line(text: string): void {
    for (const part of text.split("\n")) this.#lines.push(part === "" ? "" : "  ".repeat(this.#depth) + part);
    this.#line += text.split("\n").length;
  }

  /** One C statement that stands for a place in the script. */
  statement(span: Span, text: string): void {
    this.mark(span);
    this.line(text);
  }

  /** What follows stands for this place. */
  mark(span: Span): void {
    this.statements.push(span);
    this.#at(span.file.path, positionAt(span.file, span.start).line);
  }

  /** What follows stands for the last line of this place. */
  markEnd(span: Span): void {
    this.mark({ ...span, start: Math.max(span.start, span.end - 1) });
  }

  /** What follows belongs to no place of the script. */
  leaveScript(): void {
    if (this.#file !== undefined && this.#file !== OWN) this.#at(OWN, 1);
  }

  /** A directive, unless the next line has that place anyway. */
  #at(file: string, line: number): void {
    if (file !== this.#file) this.#lines.push(`#line ${line} ${quote(file)}`);
    else if (line !== this.#line) this.#lines.push(`#line ${line}`);
    this.#file = file;
    this.#line = line;
  }

  /** The text that a step would write, without writing it. */
  apart(step: () => void): string {
    const [lines, places, file, line] = [this.#lines.length, this.statements.length, this.#file, this.#line];
    step();
    this.statements.length = places;
    this.#file = file;
    this.#line = line;
    return this.#lines.splice(lines).join("\n");
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
  const control = /[\u0000-\u001f\u007f]/g;
  // ?? begins a trigraph in older C: one of them escaped says the same everywhere.
  return `"${text
    .replace(/["\\]/g, "\\$&")
    .replace(/\?\?/g, "?\\?")
    .replace(control, (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, "0")}`)}"`;
}
