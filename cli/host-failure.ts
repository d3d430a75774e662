/**
 * Watches for what the script's host code throws where nobody catches it: in a timer, in a promise that nobody awaits.
 * Left alone, Node would end the process on the spot with a stack trace.
 * @returns pending as long as all goes well; rejects with the first error
 */
export function watchHostFailure(): Promise<never> {
  const failure = new Promise<never>((_, reject) => {
    process.on("uncaughtException", reject);
    process.on("unhandledRejection", reject);
  });
  failure.catch(() => {});
  return failure;
}
