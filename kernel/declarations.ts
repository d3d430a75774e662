import { commonArguments } from "./arguments.js";
import { printEnum } from "./declaration-enums.js";
import { printFunction, printRawTracepoint, printReturn } from "./declaration-functions.js";
import { StructPrinter } from "./declaration-structs.js";
import { printTracepoint } from "./declaration-tracepoints.js";
import type { KernelFunction } from "./functions.js";
import { isGlob } from "./glob.js";
import type { KernelInfo } from "./info.js";
import { listIterators, readIterator } from "./iterators.js";

/** Which pair of interfaces the declarations fill: this machine's, or those of the snapshot in the package. */
export type DeclarationPrefix = "Local" | "Snapshot";

/** What one script can possibly mention. */
export interface DeclarationRequest {
  /** Names of tracepoints; those the kernel does not have are left out. */
  readonly tracepoints: readonly string[];
  /** Names of structs; those the kernel does not have are left out. */
  readonly structs: readonly string[];
  /** Names of enums; those the kernel does not have are left out. */
  readonly enums?: readonly string[];
  /** Names of functions, and patterns of several; those the kernel does not have are left out. */
  readonly functions?: readonly string[];
  /** Names of raw tracepoints; those the kernel does not have are left out. */
  readonly rawTracepoints?: readonly string[];
  /** Names of iterators; those the kernel does not have are left out. */
  readonly iterators?: readonly string[];
  /** Identifiers that occur in the script: no other struct members are printed. */
  readonly members: ReadonlySet<string>;
}

/**
 * The text of a declaration file with only what one script needs, for the type check of a run.
 * Structs are followed through the members that are printed. Opens the BTF only when a struct is asked for.
 * @throws DiagnosticError when tracefs or BTF is needed and not there
 */
export function printDeclarationsFor(
  kernel: KernelInfo,
  request: DeclarationRequest,
  prefix: DeclarationPrefix = "Local",
): string {
  const structs = new Set(request.structs);
  const note = (struct: string) => structs.add(struct);
  return printModule(kernel, prefix, {
    tracepoints: printTracepoints(kernel, request.tracepoints),
    ...printFunctions(kernel, request.functions ?? [], note),
    rawTracepoints: printRawTracepoints(kernel, request.rawTracepoints ?? [], note),
    iterators: printIterators(kernel, request.iterators ?? [], note),
    structs: printReachableStructs(kernel, structs, request.members),
    enums: printEnums(kernel, request.enums ?? []),
  });
}

/**
 * The text of a declaration file with every tracepoint, function and struct of the kernel.
 * @throws DiagnosticError when tracefs or BTF is not there
 */
export function printAllDeclarations(kernel: KernelInfo, prefix: DeclarationPrefix = "Local"): string {
  const btf = kernel.btf();
  const printer = new StructPrinter(btf, undefined, () => {});
  const structs = [];
  for (const name of btf.structNames()) {
    const struct = btf.struct(name);
    if (struct !== undefined) structs.push(printer.print(name, struct));
  }
  const note = (): void => {};
  return printModule(kernel, prefix, {
    tracepoints: printTracepoints(kernel, kernel.tracepointNames()),
    ...printFunctions(kernel, kernel.functionNames(), note),
    rawTracepoints: printRawTracepoints(kernel, kernel.rawTracepointNames(), note),
    iterators: printIterators(kernel, listIterators(btf), note),
    structs,
    enums: printEnums(kernel, btf.enumNames()),
  });
}

function printTracepoints(kernel: KernelInfo, names: readonly string[]): string[] {
  return [...new Set(names)].flatMap((name) => {
    const format = kernel.tracepoint(name);
    return format === undefined ? [] : [printTracepoint(format)];
  });
}

function printFunctions(
  kernel: KernelInfo,
  names: readonly string[],
  note: (struct: string) => void,
): Pick<Printed, "functions" | "returns"> {
  const [functions, returns]: [string[], string[]] = [[], []];
  for (const name of new Set(names)) {
    const found = isGlob(name) ? inCommon(kernel, name) : kernel.function(name);
    if (found === undefined) continue;
    functions.push(printFunction(found, note));
    const returned = printReturn(found, note);
    if (returned !== undefined) returns.push(returned);
  }
  return { functions, returns };
}

/** What the functions of a pattern have in common, as if it were one. */
function inCommon(kernel: KernelInfo, pattern: string): KernelFunction | undefined {
  const found = kernel.functionsMatching(pattern).flatMap((name) => kernel.function(name) ?? []);
  if (found.length === 0) return undefined;
  const args = commonArguments(found.map((each) => each.args ?? []));
  const returned = new Set(found.map(({ returns }) => JSON.stringify(returns?.type)));
  const returns = returned.size === 1 ? found[0]?.returns : undefined;
  return { name: pattern, id: undefined, module: undefined, args, returns };
}

function printRawTracepoints(kernel: KernelInfo, names: readonly string[], note: (struct: string) => void): string[] {
  return [...new Set(names)].flatMap((name) => {
    const found = kernel.rawTracepoint(name);
    return found === undefined ? [] : [printRawTracepoint(found, note)];
  });
}

function printIterators(kernel: KernelInfo, names: readonly string[], note: (struct: string) => void): string[] {
  return [...new Set(names)].flatMap((name) => {
    const args = readIterator(kernel.btf(), name);
    return args === undefined ? [] : [printRawTracepoint({ name, args }, note)];
  });
}

function printReachableStructs(kernel: KernelInfo, names: Set<string>, members: ReadonlySet<string>): string[] {
  if (names.size === 0) return [];
  const btf = kernel.btf();
  const printer = new StructPrinter(btf, members, (name) => names.add(name));
  const printed = [];
  // A set's iteration goes on to the names added while it runs.
  for (const name of names) {
    const struct = btf.struct(name);
    if (struct !== undefined) printed.push(printer.print(name, struct));
  }
  return printed;
}

function printEnums(kernel: KernelInfo, names: readonly string[]): string[] {
  return [...new Set(names)].flatMap((name) => {
    const found = kernel.btf().enum(name);
    return found === undefined ? [] : [printEnum(name, found)];
  });
}

/** Members of each interface, as text. */
interface Printed {
  readonly tracepoints: readonly string[];
  readonly structs: readonly string[];
  readonly functions: readonly string[];
  readonly returns: readonly string[];
  readonly rawTracepoints: readonly string[];
  readonly enums: readonly string[];
  readonly iterators: readonly string[];
}

function printModule(kernel: KernelInfo, prefix: DeclarationPrefix, printed: Printed): string {
  const { tracepoints, structs, functions, returns, rawTracepoints, enums, iterators } = printed;
  const others = { Functions: functions, Returns: returns, RawTracepoints: rawTracepoints, Enums: enums, Iterators: iterators };
  return [
    `// Tracepoints, functions and structs of Linux ${kernel.release}, generated by tsprobe: do not edit.`,
    // Being a module, the file adds to "tsprobe" instead of replacing it.
    'import type { Bytes, Ints, KernelStruct, ptr, s8, s16, s32, s64, u8, u16, u32, u64 } from "tsprobe";',
    "",
    'declare module "tsprobe" {',
    `  interface ${prefix}Tracepoints {`,
    ...tracepoints,
    "  }",
    `  interface ${prefix}Structs {`,
    ...structs,
    "  }",
    ...Object.entries(others).flatMap(([name, members]) =>
      members.length === 0 ? [] : [`  interface ${prefix}${name} {`, ...members, "  }"],
    ),
    "}",
    "",
  ].join("\n");
}
