import type { BuiltinCall } from "../../ir/nodes.js";
import type { FunctionPrinter } from "../printer.js";
import { printBootNs, printKtimeNs, printWallNs } from "./clock.js";
import { printAttachCookie } from "./hook.js";
import { printBytes, printStr, printUserBytes, printUserStr } from "./memory.js";
import type { BuiltinExpr, BuiltinPrinter } from "./printer.js";
import { printKstack, printUstack, printUsym } from "./stack.js";
import {
  printCgroupId,
  printComm,
  printCpu,
  printCurtask,
  printGid,
  printInInterrupt,
  printIsWantedTask,
  printPid,
  printRandom,
  printTid,
  printUid,
} from "./task.js";
import { printEndsWith, printIncludes, printStartsWith, printTextLength } from "./text.js";

/** How each builtin becomes C: a new one has its printer in a file here, and a row. */
const PRINTERS: Readonly<Record<BuiltinCall, BuiltinPrinter>> = {
  attachCookie: printAttachCookie,
  pid: printPid,
  tid: printTid,
  uid: printUid,
  gid: printGid,
  comm: printComm,
  cgroupId: printCgroupId,
  cpu: printCpu,
  curtask: printCurtask,
  random: printRandom,
  inInterrupt: printInInterrupt,
  isWantedTask: printIsWantedTask,
  ktimeNs: printKtimeNs,
  bootNs: printBootNs,
  wallNs: printWallNs,
  kstack: printKstack,
  ustack: printUstack,
  usym: printUsym,
  str: printStr,
  userStr: printUserStr,
  bytes: printBytes,
  userBytes: printUserBytes,
  startsWith: printStartsWith,
  endsWith: printEndsWith,
  includes: printIncludes,
  textLength: printTextLength,
};

export function printBuiltin(p: FunctionPrinter, e: BuiltinExpr): string {
  return PRINTERS[e.call].print(p, e);
}

/** Whether a builtin's value can be put into an event's field by a statement of its own. */
export function storeBuiltin(p: FunctionPrinter, target: string, e: BuiltinExpr, record: string): string | undefined {
  return PRINTERS[e.call].store?.(p, target, e, record);
}

/** Whether a builtin that may fail can be evaluated into a reserved record. */
export function storesDirectly(e: BuiltinExpr): boolean {
  return PRINTERS[e.call].discards === true;
}
