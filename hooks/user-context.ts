import { createHash } from "node:crypto";
import type { UsdtArgumentType, UserArgumentType } from "../dsl/targets.js";
import type { Machine } from "../kernel/user/machine.js";
import type { UserLocation } from "../kernel/user/usdt-argument.js";
import type { ContextField, HandlerContext, LocatedPlace, UserValueType } from "./hook.js";

/** How a declared type is read. "auto" is a bigint of the sign that the file says. */
export function userValueType(type: UsdtArgumentType, signed = false): UserValueType {
  switch (type) {
    case "bool":
      return { kind: "bool" };
    case "ptr":
      return { kind: "pointer" };
    case "auto":
      return { kind: "int", size: 8, signed };
    default:
      return { kind: "int", size: (Number(type.slice(1)) / 8) as 1 | 2 | 4 | 8, signed: type.startsWith("s") };
  }
}

/** The context of a user program's probe. @param fields those its handler can read */
export function userContext(kind: string, name: string, title: string, fields: readonly ContextField[]): HandlerContext {
  const text = JSON.stringify(fields, (_key, value) => (typeof value === "bigint" ? `${value}n` : value));
  const mark = fields.length === 0 ? "" : `_${createHash("sha256").update(text).digest("hex").slice(0, 8)}`;
  return Object.freeze({ key: `${kind}_${name.replace(/\W/g, "_")}${mark}`, title, fields: Object.freeze(fields) });
}

/** A field that is a register of struct pt_regs. */
export function registerField(name: string, type: UserArgumentType, register: string, machine: Machine): ContextField {
  const offset = machine.registerOffset(register);
  if (offset === undefined) throw new Error(`${machine.name} has no register ${register}`);
  return Object.freeze({ name, cType: `${type} in ${register}`, offset, size: 8, type: userValueType(type) });
}

/** A field that is elsewhere, or not at the same place everywhere. */
export function locatedField(name: string, cType: string, as: UserValueType, places: readonly LocatedPlace[]): ContextField {
  return Object.freeze({ name, cType, offset: 0, size: 0, type: Object.freeze({ kind: "located", as, places }) });
}

/** The argument of a function by its index, at the function's first instruction. */
export function argumentField(name: string, type: UserArgumentType, index: number, machine: Machine): ContextField {
  const register = machine.argumentRegisters[index];
  if (register !== undefined) return registerField(name, type, register, machine);
  const onStack = machine.firstStackArgument + (index - machine.argumentRegisters.length) * 8;
  const location: UserLocation = {
    kind: "memory",
    base: machine.registerOffset(machine.stackPointer),
    index: undefined,
    scale: 1,
    displacement: BigInt(onStack),
  };
  const as = userValueType(type);
  const size = as.kind === "int" ? as.size : as.kind === "bool" ? 1 : 8;
  const signed = as.kind === "int" && as.signed;
  return locatedField(name, `${type} on the stack`, as, [{ cookies: [0n], size, signed, location }]);
}
