import { readFileSync } from "node:fs";

/** Lines "ffffffff81000000 T name [module]"; the address is zero for who may not know it. */
const KALLSYMS = "/proc/kallsyms";

/** Names of the kernel's functions: its symbols in code. Empty where the kernel does not tell them. */
export function readFunctionSymbols(path: string = KALLSYMS): ReadonlySet<string> {
  const names = new Set<string>();
  let text: string;
  try {
    text = readFileSync(path, "latin1");
  } catch {
    return names;
  }
  // Per line, and without a regular expression: there are 100,000 and more.
  for (const line of text.split("\n")) {
    const space = line.indexOf(" ");
    const kind = line[space + 1];
    if (kind !== "T" && kind !== "t" && kind !== "W" && kind !== "w") continue;
    const tab = line.indexOf("\t", space + 3);
    names.add(tab === -1 ? line.slice(space + 3) : line.slice(space + 3, tab));
  }
  return names;
}

/**
 * Names of the functions that the function tracer knows, and so fentry and kprobe.multi (tracefs/available_filter_functions).
 * undefined where that file cannot be read: then nothing is known.
 */
export function readTraceableFunctions(tracefsRoot: string): ReadonlySet<string> | undefined {
  try {
    const text = readFileSync(`${tracefsRoot}/available_filter_functions`, "latin1");
    const names = text.split("\n").map((line) => line.replace(/[ \t].*$/, ""));
    return new Set(names.filter((name) => name !== "" && !name.startsWith("__ftrace_invalid_address__")));
  } catch {
    return undefined;
  }
}

/** Lines "0xffffffff81001000-0xffffffff81001010\tname": functions that kprobes must not touch. Empty where nobody says. */
const BLACKLIST = "/sys/kernel/debug/kprobes/blacklist";

export function readKprobeBlacklist(path: string = BLACKLIST): ReadonlySet<string> {
  try {
    const lines = readFileSync(path, "latin1").split("\n");
    return new Set(lines.map((line) => line.slice(line.indexOf("\t") + 1)).filter((name) => name !== ""));
  } catch {
    return new Set();
  }
}
