import type { BuiltinCall } from "../../ir/nodes.js";
import type { FunctionPrinter } from "../printer.js";
import { printKtimeNs } from "./clock.js";
import type { BuiltinExpr, BuiltinPrinter } from "./printer.js";
import { printComm, printPid, printTid } from "./task.js";

/** How each builtin becomes C: a new one has its printer in a file here, and a row. */
const PRINTERS: Readonly<Record<BuiltinCall, BuiltinPrinter>> = {
  pid: printPid,
  tid: printTid,
  comm: printComm,
  ktimeNs: printKtimeNs,
};

export function printBuiltin(p: FunctionPrinter, e: BuiltinExpr): string {
  return PRINTERS[e.call].print(p, e);
}

/** Whether a builtin's value can be put into an event's field by a statement of its own. */
export function storeBuiltin(p: FunctionPrinter, target: string, e: BuiltinExpr): string | undefined {
  return PRINTERS[e.call].store?.(p, target, e);
}
