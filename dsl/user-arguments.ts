import { nameOf, refuseDeclaration } from "./declaration-error.js";
import type { UsdtArgumentType, UserArgumentType } from "./targets.js";

/** The TypeScript types of arguments of user programs: number up to 32 bits, bigint beyond. */
export interface UserArgumentValues {
  u8: number;
  u16: number;
  u32: number;
  u64: bigint;
  s8: number;
  s16: number;
  s32: number;
  s64: bigint;
  bool: boolean;
  /** An address in the process. */
  ptr: bigint;
  auto: bigint;
}

/** What a handler receives: the arguments by the names they were given. */
export type UserArguments<A> = {
  readonly [N in keyof A]: A[N] extends keyof UserArgumentValues ? UserArgumentValues[A[N]] : never;
};

/** Types of arguments by names, in the order of the arguments. */
export type ArgumentTypes = Readonly<Record<string, UserArgumentType>>;

const TYPES = ["u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64", "bool", "ptr"];

/** Refuses a type that is none. */
export function checkArgumentType(call: string, name: string, type: unknown, more: readonly string[] = []): void {
  if (typeof type === "string" && [...TYPES, ...more].includes(type)) return;
  refuseDeclaration(`${call}: ${nameOf(type)} is no type for ${name}`, `types are ${[...TYPES, ...more].join(" ")}`);
}

/** A frozen copy of the arguments' types. Names like "0" are refused: JavaScript would put them first, whatever the order. */
export function checkArguments<T extends UsdtArgumentType>(
  call: string,
  args: Readonly<Record<string, T>> | undefined,
  more: readonly string[] = [],
): Readonly<Record<string, T>> {
  if (args === undefined) return Object.freeze({});
  if (typeof args !== "object" || args === null || Array.isArray(args))
    refuseDeclaration(
      `${call}: args is no record of types`,
      'write names and types in order: { args: { fd: "s32", size: "u64" } }',
    );
  for (const [name, type] of Object.entries(args)) {
    if (!/^[A-Za-z_$][\w$]*$/.test(name))
      refuseDeclaration(`${call}: ${nameOf(name)} is no name for an argument`, "use a name such as first");
    checkArgumentType(call, name, type, more);
  }
  return Object.freeze({ ...args });
}

/** A process's number, if one was given. */
export function checkPid(call: string, pid: unknown): number | undefined {
  if (pid === undefined || (Number.isSafeInteger(pid) && (pid as number) > 0)) return pid as number | undefined;
  return refuseDeclaration(`${call}: ${nameOf(pid)} is no process number`, "give the number that ps shows, or leave pid out");
}

/** A file's name. */
export function checkFile(call: string, file: unknown): string {
  if (typeof file === "string" && file !== "" && !file.includes("\0")) return file;
  return refuseDeclaration(
    `${call}: ${nameOf(file)} is no file`,
    'name a library ("libc"), a program in the PATH ("bash"), or a path ("./server")',
  );
}
