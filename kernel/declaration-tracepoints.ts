import { integerArrayType, integerTypeName } from "./declaration-types.js";
import type { TracepointFieldType } from "./tracepoint-field-type.js";
import type { TracepointFormat } from "./tracepoint-format.js";

/** The member of LocalTracepoints or SnapshotTracepoints for one tracepoint. */
export function printTracepoint(format: TracepointFormat): string {
  const lines = [`    ${JSON.stringify(`${format.category}:${format.name}`)}: {`];
  for (const field of format.fields) {
    const type = typeScriptType(field.type);
    if (type === undefined) lines.push(`      // ${field.name}: ${field.cType}, not readable`);
    else lines.push(`      /** ${field.cType}, offset ${field.offset} */`, `      readonly ${field.name}: ${type};`);
  }
  lines.push("    };");
  return lines.join("\n");
}

function typeScriptType(type: TracepointFieldType): string | undefined {
  switch (type.kind) {
    case "int":
      return integerTypeName(type);
    case "bool":
      return "boolean";
    case "pointer":
      return "ptr";
    case "charArray":
      return "string";
    case "intArray":
      return integerArrayType(type.element, type.count);
    case "dataLoc":
      return type.element === "char" ? "string" : integerArrayType(type.element, undefined);
    case "opaque":
      return undefined;
  }
}
