import { textBytes } from "../../../dsl/shape.js";
import type { ScalarName, Shape } from "../../../dsl/types.js";
import { rangeOfWidth } from "../../ir/range.js";
import {
  BOOLEAN,
  bigintType,
  COMM,
  IP,
  type IrType,
  KERNEL_STACK,
  KERNEL_SYMBOL,
  numberType,
  objectType,
  tupleType,
  USER_STACK,
  USER_SYMBOL,
} from "../../ir/types.js";

/**
 * The type of a scalar declared by name in a map or channel.
 * @param probes titles of the program's probes, by number: what a "probe" is
 */
function scalarType(name: ScalarName, probes: ReadonlyMap<number, string>): IrType {
  switch (name) {
    case "bool":
      return BOOLEAN;
    case "comm":
      return COMM;
    case "ip":
      return IP;
    case "kstack":
      return KERNEL_STACK;
    case "ustack":
      return USER_STACK;
    case "ksym":
      return KERNEL_SYMBOL;
    case "usym":
      return USER_SYMBOL;
    case "probe":
      return Object.freeze({ kind: "name", names: probes, range: rangeOfWidth(2, false) });
    case "ptr":
      return bigintType(rangeOfWidth(8, false), false, true);
    default: {
      const size = textBytes(name);
      if (size !== undefined) return Object.freeze({ kind: "string", size });
      const signed = name.startsWith("s");
      const bits = Number(name.slice(1));
      const range = rangeOfWidth(bits / 8, signed);
      return bits === 64 ? bigintType(range, signed) : numberType(range);
    }
  }
}

/** The type of a declared key, value or event. */
export function shapeType(shape: Shape, probes: ReadonlyMap<number, string>): IrType {
  const typeOf = (part: Shape) => shapeType(part, probes);
  if (typeof shape === "string") return scalarType(shape, probes);
  if (Array.isArray(shape)) return tupleType(shape.map(typeOf));
  return objectType(Object.entries(shape).map(([name, part]) => ({ name, type: typeOf(part) })));
}
