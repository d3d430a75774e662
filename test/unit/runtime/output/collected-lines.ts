import type { Sink } from "../../../../runtime/output/sink.js";

/** A sink that keeps the lines. */
export function collectLines(): { sink: Sink; lines: string[] } {
  const lines: string[] = [];
  const sink: Sink = {
    line: (text) => lines.push(text),
    flush() {},
    congested: false,
    pipe: undefined,
    readerGone() {},
    end: async () => {},
  };
  return { lines, sink };
}
