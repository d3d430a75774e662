import type { Expr, IrModule } from "../../../compiler/ir/nodes.js";
import { visitModule } from "../../../compiler/ir/walk.js";

/** Whether a value has its place in the kernel; undefined when that cannot be said from here. */
export type Limit = (value: unknown, operands: readonly unknown[]) => boolean | undefined;

/** What the kernel's checks ask of values, by "start-end" of the expression in the script. */
export type Limits = ReadonlyMap<string, readonly { readonly fits: Limit; readonly operands: readonly string[] }[]>;

export const keyOf = ({ start, end }: { readonly start: number; readonly end: number }): string => `${start}-${end}`;

const isBetween = (value: bigint, low: bigint, high: bigint): boolean => value >= low && value < high;

/** Numbers must be exact integers, bigints fit 64 bits of the kind that the compiler chose. */
function fitsType(type: Expr["type"]): Limit {
  return (value) => {
    if (typeof value === "number") return type.kind === "number" ? Number.isSafeInteger(value) : undefined;
    if (typeof value !== "bigint") return undefined;
    if (type.kind === "number") return isBetween(value, -(2n ** 53n) + 1n, 2n ** 53n);
    if (type.kind !== "bigint") return undefined;
    return type.signed ? isBetween(value, -(2n ** 63n), 2n ** 63n) : isBetween(value, 0n, 2n ** 64n);
  };
}

function limitOf(e: Expr): { readonly key: string; readonly fits: Limit; readonly operands: readonly string[] } | undefined {
  switch (e.kind) {
    case "arithmetic":
      return e.site === undefined && e.zero === undefined
        ? undefined
        : { key: keyOf(e.span), fits: fitsType(e.type), operands: [] };
    case "negate":
    case "convert":
      return e.site === undefined ? undefined : { key: keyOf(e.span), fits: fitsType(e.type), operands: [] };
    case "bits": {
      if (e.site === undefined) return undefined;
      const fits = fitsType(e.type);
      const shift: Limit = (value, [x, n]) => {
        if (typeof n === "bigint" && (n < 0n || (n > 63n && e.op === "<<")))
          return x === undefined ? undefined : x === 0n && e.op === "<<";
        return fits(value, []);
      };
      return { key: keyOf(e.span), fits: shift, operands: [keyOf(e.left.span), keyOf(e.right.span)] };
    }
    case "element": {
      const { count } = e.array.type as { count: number };
      return e.site === undefined
        ? undefined
        : { key: keyOf(e.index.span), fits: (value) => typeof value === "number" && value >= 0 && value < count, operands: [] };
    }
    case "reshape": {
      if (e.site === undefined) return undefined;
      const fits = fitsType(e.type.kind === "optional" ? e.type.value : e.type);
      return { key: keyOf(e.span), fits: (value) => value === undefined || fits(value, []), operands: [] };
    }
    default:
      return undefined;
  }
}

/** All checks of a script. A helper compiled for several types has several at one place. */
export function limitsOf(module: IrModule): Limits {
  const limits = new Map<string, { fits: Limit; operands: readonly string[] }[]>();
  visitModule(
    module,
    () => {},
    (e) => {
      const limit = limitOf(e);
      if (limit !== undefined) limits.set(limit.key, [...(limits.get(limit.key) ?? []), limit]);
    },
  );
  return limits;
}
