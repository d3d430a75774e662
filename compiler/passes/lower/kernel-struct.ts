import type { CallExpression, MemberExpression } from "oxc-parser";
import type { Span } from "../../../diagnostics/span.js";
import { findMember, flattenMembers } from "../../../kernel/btf-members.js";
import type { BtfStruct, BtfType } from "../../../kernel/btf-types.js";
import { nearestNames } from "../../../kernel/nearest.js";
import { createExpr, type Expr, type KernelMemberType, type KernelStructRef, type PathStep } from "../../ir/nodes.js";
import { rangeOfWidth, S32, U64 } from "../../ir/range.js";
import { BOOLEAN, bigintType, type IrType, numberType } from "../../ir/types.js";
import { lowerArguments } from "./calls.js";
import { requireInteger } from "./coerce.js";
import type { FunctionContext } from "./context.js";
import type { KernelPlace, Operand } from "./operand.js";

/** kptr("sock", address): the address with the struct's type. */
export function lowerKptr(f: FunctionContext, node: CallExpression, span: Span): Expr {
  const [name, address] = lowerArguments(f, node, 2, 'kptr("sock", ctx.skaddr)') as [Expr, Expr];
  if (name.type.kind !== "literal")
    return f.report.refuse("TSP2132", name.span, "the struct's name must be a literal text", {
      hints: ['write kptr("sock", …)'],
    });
  if (requireInteger(f, address).type.kind !== "bigint")
    f.report.refuse("TSP2203", address.span, "an address is a bigint", { hints: ["pass a field such as ctx.skaddr"] });
  const struct = name.type.value;
  requireStruct(f, struct, name.span);
  return createExpr({ kind: "kptr", address, span, type: Object.freeze({ kind: "pointer", struct, nullable: false }) });
}

function requireStruct(f: FunctionContext, name: string, span: Span): BtfStruct {
  const btf = f.module.kernel.btf();
  const struct = btf.struct(name);
  if (struct !== undefined) return struct;
  const near = nearestNames(name, btf.structNames(), 3);
  return f.report.refuse("TSP3003", span, `this kernel (${f.module.kernel.release}) has no struct ${name}`, {
    failure: "name",
    hints: near.length > 0 ? [`did you mean ${near.join(" or ")}?`] : [],
  });
}

/** `pointer.member`, or a further step from an embedded struct. */
export function memberOfKernelStruct(
  f: FunctionContext,
  object: Expr | KernelPlace,
  name: string,
  node: MemberExpression,
): Operand {
  const span = f.span(node);
  if (object.kind !== "place") {
    const type = object.type as Extract<IrType, { kind: "pointer" }>;
    if (type.nullable)
      f.report.refuse("TSP2202", object.span, "this pointer may be null here", {
        hints: ["use ?. instead of the point, or test it first"],
      });
  }
  const struct =
    object.kind === "place" ? object.struct : requireStruct(f, (object.type as { struct: string }).struct, object.span);
  const btf = f.module.kernel.btf();
  const found = findMember(btf, struct, name);
  if (found === undefined) {
    const names = flattenMembers(btf, struct).map(({ member }) => member.name);
    const near = nearestNames(name, names, 3);
    return f.report.refuse("TSP3004", f.span(node.property), `struct ${struct.name} has no member ${name}`, {
      failure: "name",
      hints: near.length > 0 ? [`did you mean ${near.join(" or ")}?`] : [`members are ${names.slice(0, 20).join(", ")}`],
    });
  }
  if (found.member.bitfieldSize > 0)
    return f.report.refuse("TSP2133", span, `${name} is a bitfield, which handlers cannot read yet`);
  const resolved = btf.resolve(found.member.type);
  const described = memberType(f, resolved);
  if (described === undefined)
    return f.report.refuse("TSP2133", span, `${name} has a type that handlers cannot read (${resolved.kind})`);
  const pointer = object.kind === "place" ? object.pointer : object;
  const step: PathStep = Object.freeze({ struct: structRef(struct), member: name, type: described });
  const path = Object.freeze([...(object.kind === "place" ? object.path : []), step]);
  if (described.kind === "struct") return { kind: "place", pointer, path, struct: resolved as BtfStruct, span };
  return createExpr({
    kind: "kernel-read",
    pointer,
    path,
    site: f.site("read", span, path.map((s) => s.member).join(".")),
    span,
    type: valueType(described),
  });
}

function structRef(struct: BtfStruct): KernelStructRef {
  return Object.freeze({ of: struct.kind, key: struct.name === "" ? `#${struct.id}` : struct.name });
}

function memberType(f: FunctionContext, type: BtfType): KernelMemberType | undefined {
  const btf = f.module.kernel.btf();
  switch (type.kind) {
    case "int":
      if (type.bool) return { kind: "bool" };
      return isIntegerSize(type.size) ? { kind: "int", size: type.size, signed: type.signed } : undefined;
    case "enum":
      return type.size === 4 ? { kind: "enum" } : undefined;
    case "pointer": {
      const to = btf.resolve(type.to);
      return { kind: "pointer", struct: to.kind === "struct" && to.name !== "" ? to.name : undefined };
    }
    case "array": {
      const element = btf.resolve(type.element);
      if (element.kind !== "int" || !isIntegerSize(element.size) || type.count === 0) return undefined;
      if (element.name === "char") return { kind: "text", count: type.count };
      return { kind: "ints", size: element.size, signed: element.signed, count: type.count };
    }
    case "struct":
    case "union":
      return { kind: "struct", struct: structRef(type) };
    default:
      return undefined;
  }
}

function isIntegerSize(size: number): size is 1 | 2 | 4 | 8 {
  return size === 1 || size === 2 || size === 4 || size === 8;
}

function valueType(type: Exclude<KernelMemberType, { kind: "struct" }>): IrType {
  switch (type.kind) {
    case "int": {
      const range = rangeOfWidth(type.size, type.signed);
      return type.size === 8 ? bigintType(range, type.signed) : numberType(range);
    }
    case "bool":
      return BOOLEAN;
    case "enum":
      return numberType(S32);
    case "pointer":
      return type.struct === undefined
        ? bigintType(U64, false, true)
        : Object.freeze({ kind: "pointer", struct: type.struct, nullable: true });
    case "ints":
      return Object.freeze({ kind: "ints", count: type.count, element: { size: type.size, signed: type.signed } });
    case "text":
      return Object.freeze({ kind: "string", size: type.count });
  }
}
