import type { Btf } from "./btf.js";

/** The section of variables that each CPU has for itself (include/linux/percpu-defs.h). */
const SECTION = ".data..percpu";

/**
 * How many bytes one per-CPU variable lies behind another, on every CPU alike: the kernel copies the whole section for each.
 * @returns undefined when the kernel's BTF does not have both
 */
export function perCpuDistance(btf: Btf, from: string, to: string): number | undefined {
  // pahole writes the section behind everything else.
  for (let id = btf.typeCount; id > 0; id--) {
    const section = btf.type(id);
    if (section.kind !== "datasec" || section.name !== SECTION) continue;
    const offsetOf = (name: string) =>
      section.variables.find(({ type }) => {
        const variable = btf.type(type);
        return variable.kind === "var" && variable.name === name;
      })?.offset;
    const [start, end] = [offsetOf(from), offsetOf(to)];
    return start === undefined || end === undefined ? undefined : end - start;
  }
  return undefined;
}
