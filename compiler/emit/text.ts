/** Small rules about C text, that keep what is printed free of needless parentheses and suffixes. */

/** Index of the character that closes the bracket at `open`; texts in quotes are skipped. */
function closing(text: string, open: number): number {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    const c = text[i];
    if (c === '"' || c === "'") {
      for (i++; i < text.length && text[i] !== c; i++) if (text[i] === "\\") i++;
    } else if (c === "(" || c === "{") depth++;
    else if ((c === ")" || c === "}") && --depth === 0) return i;
  }
  return -1;
}

/** Without the parentheses around the whole, where nothing stands beside it. Not of ({ … }), which are part of it. */
export function bare(text: string): string {
  if (text.startsWith("(") && !text.startsWith("({") && closing(text, 0) === text.length - 1) return bare(text.slice(1, -1));
  return withoutSuffix(text);
}

/** A small integer literal alone needs no suffix. */
function withoutSuffix(text: string): string {
  return /^-?\d{1,9}LL$/.test(text) ? text.slice(0, -2) : text;
}

/** Without the cast to 64 bits of a field or variable, where its use converts it anyway. */
export function uncast(text: string): string {
  return text.replace(/^\(__s64\)(?=[\w>.-]+(?:\([^()]*\))?$)/, "");
}

/**
 * A variable and its initial value. A struct is assigned instead: of an initial value that is constant clang makes memory, to copy from,
 * and clang 16 takes what it loads from there for constants, and forgets the order of these loads and with it the stores before them
 * (PreprocessLoad, llvm/lib/Target/BPF/BPFISelDAGToDAG.cpp). What is assigned it stores member by member.
 */
export function printVariable(type: string, name: string, value: string): string {
  const text = bare(value);
  return /^\(struct \w+\)\{(?!\})/.test(text) ? `${type} ${name}; ${name} = ${text};` : `${type} ${name} = ${text};`;
}

/** The initial value of the last step, when that is all the step does: what `printVariable` prints. */
export function initialValueOf(
  step: string | undefined,
  name: string,
): { readonly type: string; readonly value: string } | undefined {
  if (step === undefined) return undefined;
  const at = step.indexOf(` ${name} = `);
  const type = /^((?:struct )?\w+(?: \*)?)(?: (\w+);)?$/.exec(step.slice(0, Math.max(at, 0)));
  if (type === null || (type[2] ?? name) !== name || !step.endsWith(";")) return undefined;
  const value = step.slice(at + name.length + 4, -1);
  return value === "{}" || value.startsWith("{ .") ? undefined : { type: type[1] as string, value };
}

/** A condition and what is done under it, in braces if it is more than one statement. */
export function printGuarded(condition: string, statements: string): string {
  return statements.indexOf(";") === statements.length - 1 ? `${condition} ${statements}` : `${condition} { ${statements} }`;
}
