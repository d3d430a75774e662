import type { BindingPattern } from "oxc-parser";
import { rangeOfWidth, S64, SAFE } from "../../ir/range.js";
import { BOOLEAN, bigintType, COMM, type IrType, numberType, objectType, optionalType, UNDEFINED } from "../../ir/types.js";

/**
 * The type that a variable's annotation names, as far as kernel code needs it: simple types, records of them, and "or undefined".
 * Everything else is inferred from values.
 */
export function declaredType(pattern: BindingPattern): IrType | undefined {
  const annotation = annotationOf(pattern);
  return annotation === undefined ? undefined : typeOf(annotation);
}

/** Whether a type is written, understood or not. */
export const isAnnotated = (pattern: BindingPattern): boolean => annotationOf(pattern) !== undefined;

function annotationOf(pattern: BindingPattern): TypeNode | undefined {
  return (pattern as { typeAnnotation?: { typeAnnotation: TypeNode } | null }).typeAnnotation?.typeAnnotation;
}

interface TypeNode {
  readonly type: string;
  readonly types?: readonly TypeNode[];
  readonly typeName?: { readonly name?: string };
  readonly members?: readonly MemberNode[];
}

interface MemberNode {
  readonly type: string;
  readonly computed?: boolean;
  readonly optional?: boolean;
  readonly key?: { readonly name?: string; readonly value?: unknown };
  readonly typeAnnotation?: { readonly typeAnnotation: TypeNode } | null;
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
    case "TSTypeLiteral":
      return recordOf(node.members ?? []);
    default:
      return undefined;
  }
}

/** `{ name: string; size?: number }` */
function recordOf(members: readonly MemberNode[]): IrType | undefined {
  const fields = members.map(({ type, computed, optional, key, typeAnnotation }) => {
    const name = key?.name ?? (typeof key?.value === "string" ? key.value : undefined);
    const found =
      type === "TSPropertySignature" && !computed && typeAnnotation ? typeOf(typeAnnotation.typeAnnotation) : undefined;
    if (name === undefined || found === undefined || found.kind === "undefined") return undefined;
    return { name, type: optional && found.kind !== "optional" ? optionalType(found) : found };
  });
  const known = fields.filter((field) => field !== undefined);
  return fields.length === 0 || known.length < fields.length ? undefined : objectType(known);
}
