import type { Sink } from "../../../../runtime/output/sink.js";

/** A sink that keeps the lines. */
export function collectLines(): { sink: Sink; lines: string[] } {
  const lines: string[] = [];
  return { lines, sink: { line: (text) => lines.push(text), flush() {}, congested: false, end: async () => {} } };
}
