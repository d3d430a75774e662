import type { CallExpression, MemberExpression } from "oxc-parser";
import type { Span } from "../../../diagnostics/span.js";
import { findMember, flattenMembers } from "../../../kernel/btf-members.js";
import type { BtfArray, BtfStruct } from "../../../kernel/btf-types.js";
import { nearestNames } from "../../../kernel/nearest.js";
import { createExpr, type Expr, type PathStep } from "../../ir/nodes.js";
import type { IrType } from "../../ir/types.js";
import { lowerArguments } from "./calls.js";
import { requireInteger } from "./coerce.js";
import type { FunctionContext } from "./context.js";
import { memberTypeOf, structRef, type Unreadable, valueType } from "./kernel-member-type.js";
import type { KernelPlace, Operand } from "./operand.js";

type Pointer = Extract<IrType, { kind: "pointer" }>;

/** kptr("sock", address): an address, or a pointer to another struct that begins with this one, with the struct's type. */
export function lowerKptr(f: FunctionContext, node: CallExpression, span: Span): Expr {
  const [name, address] = lowerArguments(f, node, 2, 'kptr("sock", ctx.skaddr)') as [Expr, Expr];
  if (name.type.kind !== "literal")
    return f.report.refuse("TSP2132", name.span, "the struct's name must be a literal text", {
      hints: ['write kptr("sock", …)'],
    });
  if (address.type.kind === "pointer") requireNotNull(f, address);
  else if (requireInteger(f, address).type.kind !== "bigint")
    f.report.refuse("TSP2203", address.span, "an address is a bigint", { hints: ["pass a field such as ctx.skaddr"] });
  const struct = name.type.value;
  requireStruct(f, struct, name.span);
  return createExpr({ kind: "kptr", address, span, type: Object.freeze({ kind: "pointer", struct, nullable: false }) });
}

export function requireStruct(f: FunctionContext, name: string, span: Span): BtfStruct {
  const btf = f.module.kernel.btf();
  const struct = btf.struct(name);
  if (struct !== undefined) return struct;
  const near = nearestNames(name, btf.structNames(), 3);
  return f.report.refuse("TSP3003", span, `this kernel (${f.module.kernel.release}) has no struct ${name}`, {
    failure: "name",
    hints: near.length > 0 ? [`did you mean ${near.join(" or ")}?`] : [],
  });
}

export function requireNotNull(f: FunctionContext, pointer: Expr): void {
  if ((pointer.type as Pointer).nullable)
    f.report.refuse("TSP2202", pointer.span, "this pointer may be null here", {
      hints: ["use ?. instead of the point, or test it first"],
    });
}

/** A struct in memory, by a pointer or as part of another, and the way to it. */
export interface StructPlace {
  readonly pointer: Expr;
  readonly path: readonly PathStep[];
  readonly indices: readonly Expr[];
  readonly struct: BtfStruct;
  readonly ref: ReturnType<typeof structRef>;
  /** As people call it. */
  readonly title: string;
}

/** The struct that a pointer or a place stands for; refuses an array. */
export function structPlace(f: FunctionContext, object: Expr | KernelPlace, span: Span): StructPlace {
  if (object.kind !== "place") {
    const { struct: name } = object.type as Pointer;
    const struct = requireStruct(f, name, object.span);
    return { pointer: object, path: [], indices: [], struct, ref: structRef(struct, name), title: `struct ${name}` };
  }
  const { btf: struct } = object;
  if (struct.kind === "array")
    return f.report.refuse("TSP2112", span, "an array of the kernel has elements and, mostly, a length", {
      hints: ["write array[index] or array.length"],
    });
  return { ...object, struct, ref: structRef(struct), title: struct.name === "" ? "this struct" : `struct ${struct.name}` };
}

/** `pointer.member`, or a further step from an embedded struct or array. */
export function memberOfKernelStruct(
  f: FunctionContext,
  object: Expr | KernelPlace,
  name: string,
  node: MemberExpression,
): Operand {
  const span = f.span(node);
  if (object.kind !== "place") requireNotNull(f, object);
  const place = structPlace(f, object, f.span(node.property));
  const btf = f.module.kernel.btf();
  const found = findMember(btf, place.struct, name);
  if (found === undefined) return refuseMember(f, place, name, f.span(node.property));
  const type = memberTypeOf(btf, found.member);
  if ("reason" in type) return refuseType(f, name, type, span);
  const step: PathStep = Object.freeze({ kind: "member", struct: place.ref, member: name, type });
  return follow(f, place, step, found.member.type, span);
}

function refuseMember(f: FunctionContext, { struct, title }: StructPlace, name: string, span: Span): never {
  const names = flattenMembers(f.module.kernel.btf(), struct).map(({ member }) => member.name);
  const near = nearestNames(name, names, 3);
  return f.report.refuse("TSP3004", span, `${title} has no member ${name}`, {
    failure: "name",
    hints: [
      near.length > 0 ? `did you mean ${near.join(" or ")}?` : `members are ${names.slice(0, 20).join(", ")}`,
      `if only some kernels have it, test first: if (exists(…, "${name}"))`,
    ],
  });
}

export function refuseType(f: FunctionContext, name: string, { code, reason, hints = [] }: Unreadable, span: Span): never {
  return f.report.refuse(code, span, `${name} ${reason}`, { hints });
}

/** One step further: a value that is read, or a place. `id`: the BTF type of what is there. */
export function follow(
  f: FunctionContext,
  from: Pick<KernelPlace, "pointer" | "path" | "indices">,
  step: PathStep,
  id: number,
  span: Span,
): Operand {
  const { pointer, indices } = from;
  const path = Object.freeze([...from.path, step]);
  const { type } = step;
  if (type.kind === "struct" || type.kind === "array")
    return { kind: "place", pointer, path, indices, type, btf: f.module.kernel.btf().resolve(id) as BtfStruct | BtfArray, span };
  return createExpr({
    kind: "kernel-read",
    pointer,
    path,
    indices,
    site: f.site("read", span, pathText(path)),
    span,
    type: valueType(type) as IrType,
  });
}

/** The way as the script writes it, without its beginning. */
export function pathText(path: readonly PathStep[]): string {
  return path.map((step, i) => (step.kind === "index" ? `[${step.at ?? "…"}]` : `${i === 0 ? "" : "."}${step.member}`)).join("");
}
