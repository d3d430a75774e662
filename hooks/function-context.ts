import { type ArgumentType, type KernelArgument, returnedName } from "../kernel/arguments.js";
import type { Register, Registers } from "../kernel/registers.js";
import type { ContextField, ContextFieldType, ContextLoad } from "./hook.js";

/** Bytes of a register, and of a word in the context of raw tracepoints and TRACING programs. */
const WORD = 8;
/** Largest struct that is passed in registers. */
const MOST_IN_REGISTERS = 16;

/** Arguments as raw tracepoints and TRACING programs get them: one word after the other. */
export function wordFields(args: readonly KernelArgument[], typed: boolean): ContextField[] {
  let offset = 0;
  return args.map((arg) => {
    const field = fieldOf(arg, arg.name, offset, typed ? typedLoad(arg.type) : undefined);
    offset += arg.words * WORD;
    return field;
  });
}

/** What a function returned, behind its arguments: as fexit gets it. */
export function returnedField(args: readonly KernelArgument[], returns: KernelArgument): ContextField {
  const offset = args.reduce((sum, { words }) => sum + words * WORD, 0);
  return nullable(fieldOf(returns, returnedName(args), offset, typedLoad(returns.type)));
}

/** Arguments as they are in registers when a function begins: what kprobes see. */
export function registerFields(args: readonly KernelArgument[], registers: Registers): ContextField[] {
  let next = 0;
  return args.map((arg) => {
    const large = arg.words * WORD > MOST_IN_REGISTERS;
    const needed = large ? Number(registers.largeByAddress) : arg.words;
    const register = registers.arguments[next];
    const fits = needed > 0 && next + needed <= registers.arguments.length && register !== undefined;
    if (needed > 0) next += needed;
    if (fits) return fieldOf(arg, arg.name, register.offset, undefined);
    const why = "the kernel passes it on the stack, not in a register";
    return Object.freeze({ ...fieldOf(arg, arg.name, 0, undefined), type: Object.freeze({ kind: "unreadable" as const, why }) });
  });
}

/** What a function returns, in its register: what kretprobes see. */
export function resultField(args: readonly KernelArgument[], returns: KernelArgument, registers: Registers): ContextField {
  return nullable(fieldOf(returns, returnedName(args), registers.result.offset, undefined));
}

/** The registers themselves: at an offset, where arguments may not be in their places any more. */
export function rawRegisterFields(registers: readonly Register[]): ContextField[] {
  return registers.map(({ name, offset }) =>
    Object.freeze({ name, cType: "unsigned long", offset, size: WORD, type: Object.freeze({ kind: "pointer" as const }) }),
  );
}

/** The first arguments of a function that nobody describes, as numbers. */
export function untypedFields(registers: readonly Register[]): ContextField[] {
  return registers.map(({ offset }, i) =>
    Object.freeze({
      name: `arg${i}`,
      cType: "unsigned long",
      offset,
      size: WORD,
      type: Object.freeze({ kind: "int" as const, size: 8 as const, signed: false }),
    }),
  );
}

/** Fields that all contexts have with the same name, place and type. */
export function commonFields(contexts: readonly (readonly ContextField[])[]): ContextField[] {
  const [first = [], ...others] = contexts;
  const text = ({ name, offset, type }: ContextField) => JSON.stringify([name, offset, type]);
  const sets = others.map((fields) => new Set(fields.map(text)));
  return first.filter((field) => field.type.kind !== "unreadable" && sets.every((set) => set.has(text(field))));
}

function fieldOf({ cType, type }: KernelArgument, name: string, offset: number, load: ContextLoad | undefined): ContextField {
  return Object.freeze({
    name,
    cType,
    offset,
    size: WORD,
    type: Object.freeze(fieldType(type)),
    ...(load === undefined ? {} : { load }),
  });
}

/** Functions that give a pointer often give none. */
function nullable(field: ContextField): ContextField {
  if (field.type.kind !== "structPointer") return field;
  return Object.freeze({ ...field, type: Object.freeze({ ...field.type, nullable: true }) });
}

function fieldType(type: ArgumentType): ContextFieldType {
  if (type.kind === "pointer") return { kind: "pointer" };
  return type.kind === "unreadable" ? { kind: "unreadable", why: `it is ${type.why}` } : type;
}

function typedLoad(type: ArgumentType): ContextLoad | undefined {
  if (type.kind === "structPointer") return "number";
  return type.kind === "pointer" && !type.plain ? "copy" : undefined;
}
