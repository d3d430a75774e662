import { types } from "node:util";
import type { Span } from "../../../diagnostics/span.js";
import type { FunctionContext } from "./context.js";
import type { StaticValue } from "./operand.js";

/**
 * A member of a host value, which has it. No code of the script runs for it: an accessor could give another value each time, or throw,
 * so it is no constant.
 */
export function hostMember(f: FunctionContext, object: StaticValue, key: string, text: string, span: Span): StaticValue {
  const accessor = accessorOf(object.value as object, key);
  if (accessor !== undefined)
    f.report.refuse("TSP2135", span, `${text} is an accessor (get …), which kernel code cannot run`, {
      hints: [`put its value into a const of the module, and name that here`],
    });
  const value = (object.value as Record<string, unknown>)[key];
  return { kind: "static", value: refuseProxy(f, value, text, span), text, span };
}

/** The getter that a script wrote for a member. What a bundled module exports (`import * as names`) is behind functions, too. */
function accessorOf(holder: object, key: string): (() => unknown) | undefined {
  for (let at: object | null = holder; at !== null; at = Object.getPrototypeOf(at)) {
    const found = Object.getOwnPropertyDescriptor(at, key);
    if (found === undefined) continue;
    // `get x() {}` is named "get x", what defineProperty is given "get"; esbuild's are arrows with the name that is exported.
    return found.get !== undefined && /^get( |$)/.test(found.get.name) ? found.get : undefined;
  }
  return undefined;
}

/** Refuses a Proxy before anything looks into it: each look is a call of the script's code. */
export function refuseProxy(f: FunctionContext, value: unknown, text: string, span: Span): unknown {
  if (!types.isProxy(value)) return value;
  return f.report.refuse("TSP2135", span, `${text} is a Proxy, which kernel code cannot look into`, {
    hints: ["give a plain object, or a const of the module for each value that the handler needs"],
  });
}

/** Whether a host value holds constants: an array or an object of no class. */
export function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null || types.isProxy(value)) return false;
  if (Array.isArray(value)) return true;
  // The namespace of an import cannot be frozen, and its names never change.
  if (types.isModuleNamespaceObject(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** A captured object is part of the program: changing it later must fail loudly instead of having no effect. */
export function freezeDeep(value: object): void {
  if (Object.isFrozen(value)) return;
  Object.freeze(value);
  // By descriptors: a getter may throw, and is the script's own matter while the handler does not name it.
  for (const { value: member } of Object.values(Object.getOwnPropertyDescriptors(value))) if (isPlain(member)) freezeDeep(member);
}
