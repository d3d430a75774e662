import type { BtfEnum } from "./btf-types.js";

/** The member of LocalEnums or SnapshotEnums for one enum: names of its values, and what these are. @param name the name it is found by */
export function printEnum(name: string, { size, values }: BtfEnum): string {
  const names = [...new Set(values.map((value) => value.name))].map((each) => JSON.stringify(each));
  return `    ${JSON.stringify(name)}: { names: ${names.length === 0 ? "never" : names.join(" | ")}; value: ${size === 8 ? "bigint" : "number"} };`;
}
