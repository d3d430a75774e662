import { type ArgumentType, type KernelArgument, returnedName } from "./arguments.js";
import { integerTypeName } from "./declaration-types.js";
import type { KernelFunction, RawTracepoint } from "./functions.js";

/** Of a function that nobody describes, as many arguments as the registers of either machine hold at least. */
const UNDESCRIBED = Array.from({ length: 6 }, (_, i) => `arg${i}: u64;`);

/**
 * The member of LocalFunctions or SnapshotFunctions for one function: one line, as there are tens of thousands.
 * @param named called with the name of each struct that it refers to
 */
export function printFunction({ name, args }: KernelFunction, named: (struct: string) => void): string {
  const members = args === undefined ? UNDESCRIBED : printArguments(args, named);
  return `    ${JSON.stringify(name)}: { ${members.join(" ")} };`;
}

/** The member of LocalReturns or SnapshotReturns for one function; undefined where it returns nothing that can be read. */
export function printReturn({ name, args, returns }: KernelFunction, named: (struct: string) => void): string | undefined {
  const type = returns === undefined ? undefined : typeScriptType(returns.type, named);
  if (type === undefined) return undefined;
  // Functions that give a pointer often give none.
  const orNone = returns?.type.kind === "structPointer" ? " | null" : "";
  return `    ${JSON.stringify(name)}: { ${returnedName(args ?? [])}: ${type}${orNone} };`;
}

/** The member of LocalRawTracepoints or SnapshotRawTracepoints for one raw tracepoint, and of LocalIterators alike for one iterator. */
export function printRawTracepoint(
  { name, args }: Pick<RawTracepoint, "name" | "args">,
  named: (struct: string) => void,
): string {
  return `    ${JSON.stringify(name)}: { ${printArguments(args, named).join(" ")} };`;
}

/** Those that cannot be read are left out. */
function printArguments(args: readonly KernelArgument[], named: (struct: string) => void): string[] {
  return args.flatMap(({ name, type }) => {
    const text = typeScriptType(type, named);
    return text === undefined ? [] : [`${name}: ${text};`];
  });
}

function typeScriptType(type: ArgumentType, named: (struct: string) => void): string | undefined {
  switch (type.kind) {
    case "int":
      return integerTypeName(type);
    case "bool":
      return "boolean";
    case "pointer":
      return "ptr";
    case "structPointer":
      named(type.struct);
      return `KernelStruct<${JSON.stringify(type.struct)}>`;
    case "unreadable":
      return undefined;
  }
}
