import type { TracepointFormat } from "../kernel/tracepoint-format.js";

/** ELF section of a tracepoint's program: libbpf reads the program type and what to attach to from it. */
export function tracepointSection(format: Pick<TracepointFormat, "category" | "name">): string {
  return `tracepoint/${format.category}/${format.name}`;
}
