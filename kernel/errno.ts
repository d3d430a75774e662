/** The name of a system error, such as "ENOENT"; "unknown error" for anything else. */
export function errorCodeOf(error: unknown): string {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return code ?? "unknown error";
}
