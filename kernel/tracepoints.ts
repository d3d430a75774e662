import { readdirSync, readFileSync } from "node:fs";
import { DiagnosticError } from "../diagnostics/diagnostic.js";
import { errorCodeOf } from "./errno.js";
import type { Tracefs } from "./tracefs.js";
import { parseTracepointFormat, type TracepointFormat } from "./tracepoint-format.js";

/** "category:event", each one directory name. */
const TRACEPOINT_NAME = /^([\w.-]+):([\w.-]+)$/;

/**
 * Reads what the kernel says of one tracepoint.
 * @param name "category:event"
 * @returns undefined when there is no such tracepoint
 * @throws DiagnosticError TSP1204 when its format cannot be read or understood
 */
export function readTracepoint(tracefs: Tracefs, name: string): TracepointFormat | undefined {
  const [, category, event] = TRACEPOINT_NAME.exec(name) ?? [];
  if (category === undefined || event === undefined || /^\.\.?$/.test(category) || /^\.\.?$/.test(event)) return undefined;
  const path = `${tracefs.root}/events/${category}/${event}/format`;
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new DiagnosticError({
      code: "TSP1204",
      failure: code === "EACCES" || code === "EPERM" ? "permission" : "kernel",
      severity: "error",
      message: `the description of the tracepoint ${name} cannot be read (${code})`,
      hints: code === "EACCES" || code === "EPERM" ? ["run tsprobe with sudo"] : [`look at ${path}`],
    });
  }
  try {
    return parseTracepointFormat(category, text);
  } catch (error) {
    throw new DiagnosticError({
      code: "TSP1204",
      failure: "kernel",
      severity: "error",
      message: `the description of the tracepoint ${name} is not understood`,
      hints: [`please report this, with the text of ${path}`],
      details: error instanceof Error ? error.message : String(error),
    });
  }
}

/**
 * Names of all tracepoints that programs can attach to ("category:event"), in the kernel's order.
 * The `ftrace` category is not among them: its entries only describe records of the function tracer.
 * @throws DiagnosticError TSP1202 when tracefs is not readable
 */
export function listTracepoints(tracefs: Tracefs): string[] {
  try {
    return readFileSync(`${tracefs.root}/available_events`, "utf8")
      .split("\n")
      .filter((line) => line !== "");
  } catch {
    // Its mode may differ from that of the directories.
    return listEventDirectories(tracefs);
  }
}

function listEventDirectories(tracefs: Tracefs): string[] {
  try {
    return directories(`${tracefs.root}/events`)
      .filter((category) => category !== "ftrace")
      .flatMap((category) => directories(`${tracefs.root}/events/${category}`).map((event) => `${category}:${event}`));
  } catch (error) {
    throw new DiagnosticError({
      code: "TSP1202",
      failure: "permission",
      severity: "error",
      message: `the list of tracepoints in ${tracefs.root} cannot be read (${errorCodeOf(error)})`,
      hints: ["run tsprobe with sudo"],
    });
  }
}

function directories(path: string): string[] {
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}
