import { nameOf, refuseDeclaration } from "./declaration-error.js";
import { declareProbe, type Probe } from "./probe.js";
import type { UserArgumentType } from "./targets.js";
import {
  type ArgumentTypes,
  checkArguments,
  checkArgumentType,
  checkFile,
  checkPid,
  type UserArguments,
} from "./user-arguments.js";

/** What is known of a function that `uprobe` hooks. */
export interface UprobeOptions<A extends ArgumentTypes> {
  /** Types of its arguments, by names of your choice, in order. Integers and addresses only: floating-point arguments do not count. */
  readonly args?: A;
  /** Bytes from the function's start, at the beginning of an instruction (default 0). Arguments are then what their registers hold there. */
  readonly offset?: number;
  /** Only this process (default: all, those that start later too). */
  readonly pid?: number;
}

/** What is known of a function that `uretprobe` hooks. */
export interface UretprobeOptions<T extends UserArgumentType> {
  /** The type it returns. */
  readonly returns?: T;
  /** Only this process (default: all, those that start later too). */
  readonly pid?: number;
}

/**
 * Runs a handler in the kernel each time a function of a program or library is called: a breakpoint in its file, in every
 * process that maps it (kernel/events/uprobes.c).
 * @param file a library by name ("libc", "libssl.so.3"), a program in the PATH, or a path; paths are relative to the working directory
 * @param symbol the function's name as `nm` shows it, or an address in the file as `objdump -d` shows it
 * @example
 * export const lookups = uprobe("libc", "getaddrinfo", { args: { node: "ptr", service: "ptr" } }, ({ node }) => ({ pid: pid(), node }));
 */
export function uprobe<const A extends ArgumentTypes, const R>(
  file: string,
  symbol: string | number,
  options: UprobeOptions<A>,
  handler: (args: UserArguments<A>) => R,
): Probe<UserArguments<A>, R>;
export function uprobe<const R>(
  file: string,
  symbol: string | number,
  handler: (args: UserArguments<object>) => R,
): Probe<UserArguments<object>, R>;
export function uprobe(
  file: string,
  symbol: string | number,
  ...rest: readonly [UprobeOptions<ArgumentTypes>, Handler] | readonly [Handler]
): Probe<never, unknown> {
  const call = "uprobe()";
  const [options, handler] = splitOptions(rest);
  const { args, offset = 0, pid } = options;
  if (!Number.isSafeInteger(offset) || offset < 0)
    refuseDeclaration(`${call}: ${nameOf(offset)} is no offset`, "give a number of bytes from the function's start");
  return declareProbe(
    {
      kind: "uprobe",
      file: checkFile(call, file),
      symbol: checkSymbol(call, symbol),
      offset,
      pid: checkPid(call, pid),
      args: checkArguments(call, args),
      returns: "u64",
    },
    handler,
  );
}

/**
 * Runs a handler in the kernel each time a function of a program or library returns.
 * @param file as for `uprobe`
 * @param symbol as for `uprobe`
 * @param options `returns`: the type it returns, which the handler receives as `ret` ("u64" if not said)
 * @example
 * export const failed = uretprobe("libc", "connect", { returns: "s32" }, ({ ret }) => (ret < 0 ? { pid: pid() } : undefined));
 */
export function uretprobe<const T extends UserArgumentType, const R>(
  file: string,
  symbol: string | number,
  options: UretprobeOptions<T>,
  handler: (result: UserArguments<{ readonly ret: T }>) => R,
): Probe<UserArguments<{ readonly ret: T }>, R>;
export function uretprobe<const R>(
  file: string,
  symbol: string | number,
  handler: (result: UserArguments<{ readonly ret: "u64" }>) => R,
): Probe<UserArguments<{ readonly ret: "u64" }>, R>;
export function uretprobe(
  file: string,
  symbol: string | number,
  ...rest: readonly [UretprobeOptions<UserArgumentType>, Handler] | readonly [Handler]
): Probe<never, unknown> {
  const call = "uretprobe()";
  const [options, handler] = splitOptions(rest);
  const { returns = "u64", pid } = options;
  checkArgumentType(call, "the result", returns);
  return declareProbe(
    {
      kind: "uretprobe",
      file: checkFile(call, file),
      symbol: checkSymbol(call, symbol),
      offset: 0,
      pid: checkPid(call, pid),
      args: Object.freeze({}),
      returns,
    },
    handler,
  );
}

type Handler = (context: never) => unknown;

/** The options are optional, the handler comes last. */
export function splitOptions<O extends object>(rest: readonly [O, Handler] | readonly [Handler]): readonly [Partial<O>, Handler] {
  return rest.length === 1 ? [{}, rest[0]] : [rest[0] ?? {}, rest[1]];
}

function checkSymbol(call: string, symbol: unknown): string | number {
  if (typeof symbol === "string" && symbol !== "" && !symbol.includes("\0")) return symbol;
  if (Number.isSafeInteger(symbol) && (symbol as number) > 0) return symbol as number;
  return refuseDeclaration(
    `${call}: ${nameOf(symbol)} is no function`,
    "give a function's name as `nm` shows it, or an address in the file as a number",
  );
}
