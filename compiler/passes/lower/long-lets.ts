import type { Span } from "../../../diagnostics/span.js";
import { holdsLong } from "../../ir/long.js";
import type { Local } from "../../ir/nodes.js";
import type { FunctionContext } from "./context.js";

/** A long text's bytes are in memory that the next round of a loop fills again: a variable must not go on pointing there. */
export function refuseLongInLoop(f: FunctionContext, local: Local, span: Span): void {
  if (!holdsLong(local.type) || !f.targets.some((target) => target.kind === "loop")) return;
  f.report.refuse(
    "TSP2507",
    span,
    `${local.name} holds a long text or array (more than 32 bytes of text), which cannot be assigned in a loop`,
    {
      hints: ["read fewer bytes: userStr(address, 32)", "or keep the address or the index in the loop, and read after it"],
    },
  );
}
