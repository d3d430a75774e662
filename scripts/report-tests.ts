import { writeFileSync } from "node:fs";
import type { Reporter, SerializedError, TestCase, TestModule } from "vitest/node";

/** What a run of the tests came to. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The line that ends a run: exactly this form, once. So whoever starts the tests and has more to count takes it in a file. */
export function countLine({ passed, failed, skipped }: TestCounts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** After vitest's own report: which tests were skipped and why, then one line that counts them all. */
export class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const inState = (state: string) => tests.filter((test) => test.result().state === state);
    const skipped = inState("skipped");
    // A file that fails to load holds no tests, and an error between tests belongs to none: both must count.
    const broken = modules.filter((module) => module.errors().length > 0).length;
    const unfinished = inState("pending").length;
    const failed = inState("failed").length + broken + unfinished + unhandled.length;
    for (const line of skipLines(skipped)) process.stdout.write(`${line}\n`);
    const line = countLine({ passed: inState("passed").length, failed, skipped: skipped.length });
    const file = process.env.TSPROBE_COUNTS_FILE;
    if (file === undefined) process.stdout.write(`\n${line}\n`);
    else writeFileSync(file, line);
  }
}

/** One line for each file and reason. */
function skipLines(skipped: readonly TestCase[]): string[] {
  const counts = new Map<string, number>();
  for (const test of skipped) {
    const key = `${test.module.relativeModuleId}: ${skipReason(test)}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].map(([key, count]) => `skipped ${count} of ${key}`);
}

/** The note given to skip(), or what stands in the title as "(skipped: reason)". */
export function skipReason(test: Pick<TestCase, "fullName" | "result">): string {
  const result = test.result();
  if (result.state === "skipped" && result.note !== undefined) return result.note;
  return /\(skipped: (.*?)\)(?: >|$)/.exec(test.fullName)?.[1] ?? "no reason given";
}
