import type { ValueLayout } from "../../compiler/program.js";
import { Stack } from "../../dsl/stack.js";
import { visibleText } from "../../dsl/visible-text.js";

const INDENT = "    ";

/** Whether a field holds a stack, which is shown on lines of its own. */
export function isStackLayout(type: ValueLayout | undefined): boolean {
  return type?.kind === "stack" || (type?.kind === "optional" && isStackLayout(type.value));
}

/** The functions of stacks, one a line, the innermost first; of several each under its heading. `-` for an empty one. */
export function stackLines(stacks: readonly { readonly heading: string; readonly stack: unknown }[]): string[] {
  return stacks.flatMap(({ heading, stack }) => {
    const frames = stack instanceof Stack ? stack.toJSON() : [];
    const lines = (frames.length === 0 ? ["-"] : frames).map((frame) => INDENT + visibleText(frame));
    return stacks.length > 1 ? [`  ${visibleText(heading)}`, ...lines] : lines;
  });
}
