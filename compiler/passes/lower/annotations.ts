import type { BindingPattern } from "oxc-parser";
import { rangeOfWidth, S64, SAFE } from "../../ir/range.js";
import { BOOLEAN, bigintType, COMM, type IrType, numberType, optionalType, UNDEFINED } from "../../ir/types.js";

/**
 * The type that a variable's annotation names, as far as kernel code needs it: simple types and "or undefined".
 * Everything else is inferred from values.
 */
export function declaredType(pattern: BindingPattern): IrType | undefined {
  const annotation = (pattern as { typeAnnotation?: { typeAnnotation: TypeNode } | null }).typeAnnotation?.typeAnnotation;
  return annotation === undefined ? undefined : typeOf(annotation);
}

interface TypeNode {
  readonly type: string;
  readonly types?: readonly TypeNode[];
  readonly typeName?: { readonly name?: string };
}

const NAMED: Readonly<Record<string, IrType>> = {
  u64: bigintType(rangeOfWidth(8, false), false),
  ptr: bigintType(rangeOfWidth(8, false), false, true),
  s64: bigintType(S64, true),
};

function typeOf(node: TypeNode): IrType | undefined {
  switch (node.type) {
    case "TSNumberKeyword":
      return numberType(SAFE);
    case "TSBigIntKeyword":
      return bigintType(S64, true);
    case "TSBooleanKeyword":
      return BOOLEAN;
    case "TSStringKeyword":
      return COMM;
    case "TSUndefinedKeyword":
      return UNDEFINED;
    case "TSTypeReference": {
      const name = node.typeName?.name;
      if (name !== undefined && /^[us](8|16|32)$/.test(name)) return numberType(SAFE);
      return name === undefined ? undefined : NAMED[name];
    }
    case "TSUnionType": {
      const members = (node.types ?? []).map(typeOf);
      const values = members.filter((member) => member?.kind !== "undefined");
      if (values.length !== 1 || values[0] === undefined) return undefined;
      return members.length > 1 ? optionalType(values[0]) : values[0];
    }
    default:
      return undefined;
  }
}
