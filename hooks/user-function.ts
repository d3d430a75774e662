import { placeName, type UserFunctionTarget } from "../dsl/targets.js";
import { type ElfFile, type ElfSymbol, openDebugFile } from "../kernel/elf/index.js";
import { nearestNames } from "../kernel/nearest.js";
import { isInstructionStart } from "../kernel/user/instructions.js";
import type { Machine } from "../kernel/user/machine.js";
import type { ContextField, HookRefusal, ResolvedHook } from "./hook.js";
import { argumentField, registerField, userContext } from "./user-context.js";
import { refuse, type UserFile, withUserFile } from "./user-file.js";

/** A function of a program or library: `uprobe`, `uretprobe`. @param machine of the system; another's in tests */
export function resolveUserFunction(target: UserFunctionTarget, machine?: Machine): ResolvedHook {
  return withUserFile(target, (file) => resolveIn(file, target), machine);
}

function resolveIn(file: UserFile, target: UserFunctionTarget): ResolvedHook {
  const found = findPlace(file, target);
  if ("refusal" in found) return found;
  const { kind, pid, offset, symbol } = target;
  const name = placeName(symbol);
  const where = `${name}${offset === 0 ? "" : `+${offset}`}`;
  return {
    hook: Object.freeze({
      section: kind,
      context: userContext(
        kind,
        name,
        `${kind === "uprobe" ? "the function" : "the result of"} ${where}`,
        fieldsOf(target, file),
      ),
      attach: Object.freeze({
        kind: "uprobe" as const,
        path: file.path,
        returns: kind === "uretprobe",
        pid,
        places: Object.freeze([Object.freeze({ offset: BigInt(found.fileOffset), cookie: 0n, semaphore: 0n })]),
      }),
      title: `${kind}:${file.title}:${where}`,
    }),
  };
}

function fieldsOf({ kind, args, returns }: UserFunctionTarget, { machine }: UserFile): readonly ContextField[] {
  if (kind === "uretprobe") return [registerField("ret", returns, machine.resultRegister, machine)];
  return Object.entries(args).map(([name, type], index) => argumentField(name, type, index, machine));
}

type Place = { readonly fileOffset: number } | { readonly refusal: HookRefusal };

/** Where in the file the breakpoint goes. */
function findPlace(file: UserFile, { symbol, offset }: UserFunctionTarget): Place {
  const debug = openDebugFile(file.elf, file.path);
  const sources = debug === undefined ? [file.elf] : [file.elf, debug];
  try {
    if (typeof symbol === "number") return placeAt(file, sources, symbol + offset, placeName(symbol));
    const found = file.elf.symbol(symbol) ?? debug?.symbol(symbol);
    if (found === undefined) return noSuchFunction(file, symbol, debug);
    const problem = notAFunction(file, found);
    if (problem !== undefined) return problem;
    if (offset > 0 && found.size > 0 && offset >= found.size)
      return refuse("TSP3046", `${symbol} has ${found.size} bytes, and ${offset} is behind its end`, [], {
        culprit: String(offset),
      });
    return offset === 0 ? codeAt(file, found.address, symbol) : placeAt(file, sources, found.address + offset, symbol);
  } finally {
    debug?.close();
  }
}

/** A place that is not a symbol's: only where an instruction begins, as a breakpoint elsewhere would change the program. */
function placeAt(file: UserFile, sources: readonly ElfFile[], address: number, culprit: string): Place {
  const place = codeAt(file, address, culprit);
  if ("refusal" in place) return place;
  const begins = isInstructionStart(sources, address, file.machine);
  if (begins === true) return place;
  const where = `0x${address.toString(16)} in ${file.title}`;
  const hint = "see where they begin: `objdump -d`";
  if (begins === false) return refuse("TSP3047", `no instruction begins at ${where}`, [hint], { culprit });
  return refuse(
    "TSP3047",
    `whether an instruction begins at ${where} cannot be told, as no function is known to be there`,
    ["a breakpoint inside an instruction would change the program: name a function, or install the file's debug symbols"],
    { culprit },
  );
}

function codeAt({ elf, title }: UserFile, address: number, culprit: string): Place {
  const fileOffset = elf.fileOffset(address);
  if (fileOffset !== undefined && isCode(elf, address)) return { fileOffset };
  const hints = ["give an address as `objdump -d` shows it"];
  return refuse("TSP3046", `there is no code at 0x${address.toString(16)} in ${title}`, hints, { culprit });
}

function isCode({ segments }: ElfFile, address: number): boolean {
  return segments.some(
    ({ type, isExecutable, virtualAddress, fileSize }) =>
      type === 1 && isExecutable && address >= virtualAddress && address < virtualAddress + fileSize,
  );
}

function noSuchFunction({ elf, title }: UserFile, symbol: string, debug: ElfFile | undefined): Place {
  const names = new Set<string>();
  for (const source of [elf, debug])
    for (const table of ["symtab", "dynsym"] as const)
      for (const { name: known, type, section } of source?.symbols(table) ?? [])
        if (known !== "" && section !== 0 && (type === "func" || type === "ifunc")) names.add(known);
  const near = nearestNames(symbol, [...names], 3);
  const stripped = elf.symbols("symtab") === undefined && debug === undefined;
  return refuse(
    "TSP3044",
    `${title} has no function ${symbol}`,
    [
      ...(near.length > 0 ? [`did you mean ${near.join(" or ")}?`] : []),
      ...(stripped
        ? [
            names.size === 0
              ? "it is stripped, so its functions have no names: give an address, or install its debug symbols"
              : "it is stripped, so only functions that it exports have names: give an address, or install its debug symbols",
          ]
        : near.length > 0
          ? []
          : [`see what it has: \`nm ${elf.symbols("symtab") === undefined ? "-D " : ""}${title}\``]),
    ],
    { culprit: symbol },
  );
}

function notAFunction({ title }: UserFile, { name, type }: ElfSymbol): { readonly refusal: HookRefusal } | undefined {
  if (type === "func" || type === "none") return undefined;
  if (type !== "ifunc") return refuse("TSP3045", `${name} in ${title} is data, not a function`, [], { culprit: name });
  return refuse(
    "TSP3045",
    `${name} in ${title} is chosen among several when a program starts (IFUNC), and its symbol only leads to what chooses`,
    [`hook the function that is chosen: its name begins with __${name}_ and is in the debug symbols`],
    { culprit: name },
  );
}
