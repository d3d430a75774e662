import { refuseDeclaration } from "./declaration-error.js";
import { declareProbe, type Probe } from "./probe.js";
import type { UsdtArgumentType } from "./targets.js";
import { checkArguments, checkFile, checkPid, type UserArguments } from "./user-arguments.js";
import { splitOptions } from "./user-function.js";

/** Types of a USDT probe's arguments by names, in order. */
export type UsdtArgumentTypes = Readonly<Record<string, UsdtArgumentType>>;

/** What is known of a probe that `usdt` hooks. */
export interface UsdtOptions<A extends UsdtArgumentTypes> {
  /**
   * Types of its arguments, by names of your choice, in order. "auto" takes width and sign from the file and gives a bigint;
   * another type converts what the file says.
   */
  readonly args?: A;
  /** Only this process (default: all, those that start later too). */
  readonly pid?: number;
}

type Handler = (context: never) => unknown;

/**
 * Runs a handler in the kernel each time a program passes one of its own probes (USDT: SystemTap's sys/sdt.h, DTRACE_PROBE),
 * at each of the places where it stands. Semaphores are counted up while it is attached.
 * @param file as for `uprobe`
 * @param probe "provider:name", as `readelf -n` or `bpftrace -l 'usdt:FILE:*'` shows it; the provider may be left out
 * where the name is the only one
 * @example
 * export const thrown = usdt("libstdc++", "libstdcxx:throw", { args: { object: "ptr", type: "ptr" } }, ({ type }) => ({ pid: pid(), type }));
 */
export function usdt<const A extends UsdtArgumentTypes, const R>(
  file: string,
  probe: string,
  options: UsdtOptions<A>,
  handler: (args: UserArguments<A>) => R,
): Probe<UserArguments<A>, R>;
export function usdt<const R>(
  file: string,
  probe: string,
  handler: (args: UserArguments<object>) => R,
): Probe<UserArguments<object>, R>;
/** @param provider the provider, with the name as an argument of its own */
export function usdt<const A extends UsdtArgumentTypes, const R>(
  file: string,
  provider: string,
  name: string,
  options: UsdtOptions<A>,
  handler: (args: UserArguments<A>) => R,
): Probe<UserArguments<A>, R>;
export function usdt<const R>(
  file: string,
  provider: string,
  name: string,
  handler: (args: UserArguments<object>) => R,
): Probe<UserArguments<object>, R>;
export function usdt(
  file: string,
  first: string,
  ...given: readonly (string | UsdtOptions<UsdtArgumentTypes> | Handler)[]
): Probe<never, unknown> {
  const call = "usdt()";
  const [second] = given;
  const { provider, name } = typeof second === "string" ? { provider: first, name: second } : splitName(call, first);
  const rest = typeof second === "string" ? given.slice(1) : given;
  const [options, handler] = splitOptions(rest as unknown as [UsdtOptions<UsdtArgumentTypes>, Handler] | [Handler]);
  return declareProbe(
    {
      kind: "usdt",
      file: checkFile(call, file),
      provider,
      name,
      pid: checkPid(call, options.pid),
      args: checkArguments(call, options.args, ["auto"]),
    },
    handler,
  );
}

/** "provider:name"; without a provider it is "". */
function splitName(call: string, text: unknown): { provider: string; name: string } {
  const [, provider = "", name = ""] = typeof text === "string" ? (/^(?:([^:]+):)?([^:]+)$/.exec(text) ?? []) : [];
  if (name === "") refuseDeclaration(`${call}: ${JSON.stringify(text)} is no probe`, 'write "provider:name"');
  return { provider, name };
}
