import type { Span } from "../../diagnostics/span.js";
import type { TscError } from "./messages.js";

/** What it is called that each hook is named by. */
const NAMED: Readonly<Record<string, string>> = {
  tracepoint: "tracepoint",
  rawTracepoint: "raw tracepoint",
  fentry: "function",
  fexit: "function",
  kprobe: "function",
  kretprobe: "function",
};
const CALL = new RegExp(`\\b(${Object.keys(NAMED).join("|")})\\s*\\(\\s*$`);

/**
 * tsc says of a hook that the kernel lacks that its name is another type than the names it knows, of which there are few: those that the
 * script has. This says what is meant. Outside of `firstOf` the compiler has said it before, with names that come near.
 */
export function missingHook(error: TscError, { file, start, end }: Span): { message: string; hint: string } | undefined {
  if (error.code !== "TS2769" && error.code !== "TS2345") return undefined;
  const [, call] = CALL.exec(file.text.slice(Math.max(0, start - 100), start)) ?? [];
  const name = /^(["'`])(.+)\1$/.exec(file.text.slice(start, end))?.[2];
  if (call === undefined || name === undefined || name.includes("*")) return undefined;
  return {
    message: `this kernel has no ${NAMED[call]} ${name} (${error.code})`,
    hint: `if other kernels have it: ${call}(${JSON.stringify(name)} as string, …)`,
  };
}
