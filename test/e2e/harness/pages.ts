import { readFileSync } from "node:fs";

/** A block of TypeScript in a page of the documentation. */
export interface Block {
  /** What stands behind the fence: `ts`, `ts script` … */
  readonly tag: string;
  readonly text: string;
  /** Line in the page. */
  readonly line: number;
}

/** A page's text, by its path from the project's folder. */
export const page = (name: string): string => readFileSync(new URL(`../../../${name}`, import.meta.url), "utf8");

export function blocksOf(name: string): Block[] {
  const text = page(name);
  return [...text.matchAll(/^```(ts\b[^\n]*)\n([\s\S]*?)^```$/gm)].map((match) => ({
    tag: match[1] as string,
    text: match[2] as string,
    line: text.slice(0, match.index).split("\n").length + 1,
  }));
}

/** The examples of docs/language.md: what the short ones share, the short ones (lines of a handler), and the whole scripts. */
export function languageExamples() {
  const [prelude, ...blocks] = blocksOf("docs/language.md") as [Block, ...Block[]];
  const tagged = (tag: string) => blocks.filter((block) => block.tag === tag);
  return { prelude, short: tagged("ts"), scripts: tagged("ts script"), refused: tagged("ts refused") };
}

/** Lines of a handler as a probe. @param name of the exported constant, if it shall have one */
export const inHandler = (lines: string, name?: string): string =>
  `${name === undefined ? "" : `export const ${name} = `}tracepoint("sock:inet_sock_set_state", (ctx) => {\n${lines}});\n`;
