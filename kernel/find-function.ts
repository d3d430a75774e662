import type { Btf } from "./btf.js";

/** BTF id of the first of some kernel functions that exists: for trying whether functions can be traced at all. */
export function findFunction(btf: Btf, names: readonly string[]): { readonly name: string; readonly id: number } | undefined {
  const wanted = new Set(names);
  for (let id = 1; id <= btf.typeCount; id++) {
    const type = btf.type(id);
    if (type.kind === "func" && wanted.has(type.name)) return { name: type.name, id };
  }
  return undefined;
}
