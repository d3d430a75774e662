/** Whether a name of a hook is a pattern. */
export function isGlob(name: string): boolean {
  return name.includes("*");
}

/** The names that a pattern matches, in their order: `*` stands for any text without a colon, as in "tcp:*". */
export function matchGlob(pattern: string, names: readonly string[]): string[] {
  const parts = pattern.split(/\*+/).map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  const expression = new RegExp(`^${parts.join("[^:]*")}$`);
  return names.filter((name) => expression.test(name));
}
