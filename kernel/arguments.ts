import type { Btf } from "./btf.js";
import { hasTypeTag, structName } from "./btf-members.js";
import type { BtfParam } from "./btf-types.js";
import { declarationOf } from "./c-declaration.js";
import type { IntegerType } from "./c-integers.js";

/** How the register or word of an argument, or of a returned value, is read. */
export type ArgumentType =
  | { readonly kind: "int"; readonly size: IntegerType["size"]; readonly signed: boolean }
  | { readonly kind: "bool" }
  /** `plain`: the verifier takes it for a number (void *, char *, int *); of other pointers it lets nobody load some. */
  | { readonly kind: "pointer"; readonly plain: boolean }
  | { readonly kind: "structPointer"; readonly struct: string }
  /** Not readable, and why, as the end of a sentence. */
  | { readonly kind: "unreadable"; readonly why: string };

/** An argument of a kernel function or raw tracepoint, or what a function returns. */
export interface KernelArgument {
  /** The parameter's name in the kernel's source, "arg0" and so on where it has none. */
  readonly name: string;
  /** Its C type: "struct sock *". */
  readonly cType: string;
  readonly type: ArgumentType;
  /** Words of 8 bytes that it takes: more than one for a struct passed by value. */
  readonly words: number;
}

/** What a handler calls the value that a function returns, and what instead where a parameter has that name. */
const [RETURNED, RETURNED_TOO] = ["ret", "returned"];

/** The name for what a function returns, beside its arguments. */
export function returnedName(args: readonly KernelArgument[]): string {
  return args.some(({ name }) => name === RETURNED) ? RETURNED_TOO : RETURNED;
}

/** Arguments that all have by the same name, place and type. */
export function commonArguments(lists: readonly (readonly KernelArgument[])[]): KernelArgument[] {
  const [first = [], ...others] = lists.map(placed);
  const sets = others.map((list) => new Set(list.map(({ text }) => text)));
  return first.filter(({ text }) => sets.every((set) => set.has(text))).map(({ arg }) => arg);
}

function placed(list: readonly KernelArgument[]): { readonly text: string; readonly arg: KernelArgument }[] {
  let place = 0;
  return list.map((arg) => {
    const text = JSON.stringify([arg.name, place, arg.type]);
    place += arg.words;
    return { text, arg };
  });
}

/** Largest struct that travels in registers (both calling conventions); the kernel's trampolines know no larger one either. */
const MOST_IN_REGISTERS = 16;

/** The arguments of a function prototype. @param skip how many to leave out at the beginning */
export function readArguments(btf: Btf, params: readonly BtfParam[], skip = 0): KernelArgument[] {
  const used = new Set<string>();
  return params.slice(skip).map((param, index) => {
    const name = param.name === "" || used.has(param.name) ? `arg${index}` : param.name;
    used.add(name);
    // The last parameter of a variadic function is void.
    if (param.type === 0) {
      const type = Object.freeze({ kind: "unreadable" as const, why: "a variable number of arguments" });
      return Object.freeze({ name, cType: "...", type, words: 1 });
    }
    return readArgument(btf, name, param.type);
  });
}

/** One argument, or a returned value. */
export function readArgument(btf: Btf, name: string, id: number): KernelArgument {
  const resolved = btf.resolve(id);
  const size = "size" in resolved ? resolved.size : 8;
  return Object.freeze({
    name,
    cType: declarationOf(btf, id),
    type: Object.freeze(argumentType(btf, id)),
    words: Math.max(1, Math.ceil(size / 8)),
  });
}

function argumentType(btf: Btf, id: number): ArgumentType {
  const type = btf.resolve(id);
  switch (type.kind) {
    case "int":
      if (type.bool) return { kind: "bool" };
      return isIntegerSize(type.size)
        ? { kind: "int", size: type.size, signed: type.signed }
        : { kind: "unreadable", why: `an integer of ${type.size * 8} bits` };
    case "enum":
      return isIntegerSize(type.size)
        ? { kind: "int", size: type.size, signed: type.signed }
        : { kind: "unreadable", why: "an enum of an unusual size" };
    case "pointer":
      return pointerType(btf, type.to);
    case "struct":
    case "union":
      return {
        kind: "unreadable",
        why:
          type.size > MOST_IN_REGISTERS
            ? `a ${type.kind} of ${type.size} bytes passed by value`
            : `a ${type.kind} passed by value`,
      };
    case "float":
      return { kind: "unreadable", why: "a floating-point number" };
    default:
      return { kind: "unreadable", why: `a ${type.kind}` };
  }
}

function pointerType(btf: Btf, to: number): ArgumentType {
  const target = btf.resolve(to);
  // Memory of a process, and per-CPU memory, are not where the address says: handlers cannot follow them.
  const elsewhere = hasTypeTag(btf, to, "percpu") || hasTypeTag(btf, to, "user");
  if (target.kind === "struct" || target.kind === "union") {
    const struct = elsewhere ? undefined : structName(btf, to);
    return struct === undefined ? { kind: "pointer", plain: false } : { kind: "structPointer", struct };
  }
  return { kind: "pointer", plain: target.kind === "void" || target.kind === "int" };
}

function isIntegerSize(size: number): size is IntegerType["size"] {
  return size === 1 || size === 2 || size === 4 || size === 8;
}
