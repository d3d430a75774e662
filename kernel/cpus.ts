import { readFileSync } from "node:fs";

/** The CPUs that are on, lowest first: CPU 0 may be off. */
export function onlineCpus(): readonly number[] {
  try {
    return parseCpuList(readFileSync("/sys/devices/system/cpu/online", "utf8"));
  } catch {
    return [0];
  }
}

/** "0-3,8": as the kernel writes sets of CPUs. */
export function parseCpuList(text: string): readonly number[] {
  return text
    .trim()
    .split(",")
    .flatMap((part) => {
      const [first, last = first] = part.split("-").map(Number);
      if (part === "" || first === undefined || last === undefined || !Number.isInteger(first) || !Number.isInteger(last))
        return [];
      return Array.from({ length: last - first + 1 }, (_, i) => first + i);
    });
}
