import type { ContextField, HandlerContext } from "../../hooks/hook.js";
import { integerName } from "./c-types.js";

/**
 * A handler's context as a C struct: only the fields in use, each at its offset, padding between.
 * All fields are naturally aligned there, because the verifier refuses misaligned loads from the context (tp_prog_is_valid_access).
 */
export function printContextStruct(context: HandlerContext, used: ReadonlySet<ContextField>): string {
  const lines: string[] = [];
  let end = 0;
  for (const field of [...used].sort((a, b) => a.offset - b.offset)) {
    if (field.offset > end) lines.push(`  __u8 tsp_pad_${end}[${field.offset - end}];`);
    lines.push(`  ${declare(field)} // ${field.cType}, offset ${field.offset}`);
    end = field.offset + sizeInStruct(field);
  }
  return [`struct ${context.key} {`, ...lines, "};"].join("\n");
}

/** How many bytes the declared member takes: less than the field when only its lower part is read. */
function sizeInStruct({ type, size }: ContextField): number {
  switch (type.kind) {
    case "int":
      return type.size;
    case "bool":
      return 1;
    case "dataLoc":
      return 4;
    default:
      return size;
  }
}

function declare({ name, type }: ContextField): string {
  const member = contextMember(name);
  switch (type.kind) {
    case "int":
      return `${integerName(type.size, type.signed)} ${member};`;
    case "bool":
      return `__u8 ${member};`;
    case "pointer":
    case "structPointer":
      return `__u64 ${member};`;
    case "charArray":
      return `char ${member}[${type.length}];`;
    case "intArray":
      return `${integerName(type.element.size, type.element.signed)} ${member}[${type.count}];`;
    case "dataLoc":
      return `__u32 ${member};`;
    case "located":
    case "opaque":
    case "unreadable":
      throw new Error(`the field ${name} cannot be read`);
  }
}

/** A field's name in the C struct. */
export function contextMember(name: string): string {
  return `f_${name}`;
}
