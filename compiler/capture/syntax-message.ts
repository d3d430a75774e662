import type { OxcError } from "oxc-parser";
import type { Span } from "../../diagnostics/span.js";

/** The parser's message as we tell it, where its own words say too little or lead astray in a probe script. */
export function wordSyntaxError(error: OxcError, span: Span | undefined): { readonly message: string; readonly hint?: string } {
  const message = error.message.replace(/\.$/, "");
  if (message === "Unexpected token" && span !== undefined) {
    const token = span.file.text.slice(span.start, span.end);
    return token.trim() === ""
      ? { message: "the file ends too early", hint: "a bracket or a quote may not be closed" }
      : { message: `\`${token}\` cannot stand here`, hint: "something is missing before it, or it is one too many" };
  }
  const [, expected, found] = /^Expected (`.+`) but found `(.+)`$/.exec(message) ?? [];
  if (expected !== undefined && found === "EOF")
    return { message: `the file ends where ${expected} is still missing`, hint: "close what was opened" };
  // The parser would have a handler made async, which is refused next.
  if (message.startsWith("`await` is only allowed"))
    return { message, hint: "make the callback async: .on(async (e) => …); kernel code cannot wait" };
  return error.helpMessage === null ? { message } : { message, hint: error.helpMessage };
}
