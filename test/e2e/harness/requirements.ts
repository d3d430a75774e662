import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { describe, test } from "vitest";

/** What a test needs of the machine; each check returns why it is not met, or undefined. */
export type Requirement = () => string | undefined;

export const requireRoot: Requirement = () => (process.getuid?.() === 0 ? undefined : "needs root");

/** Tracefs is mounted, or can be in a mount namespace of the tracer's own. */
export const requireTracefs: Requirement = () => {
  if (!readFileSync("/proc/filesystems", "utf8").includes("tracefs")) return "this kernel has no tracefs";
  return existsSync("/sys/kernel/tracing") ? undefined : "there is no /sys/kernel/tracing";
};

/** A command on the path. */
export function requireTool(name: string, packageName = name): Requirement {
  return () => {
    try {
      execFileSync("sh", ["-c", 'command -v "$1"', "sh", name], { stdio: "ignore", env: toolEnvironment() });
      return undefined;
    } catch {
      return `needs ${name} (apt-get install ${packageName})`;
    }
  };
}

/** A file, such as the kernel's BTF. */
export function requireFile(path: string): Requirement {
  return () => (existsSync(path) ? undefined : `needs ${path}`);
}

/** A setting of the kernel. @param path below /proc/sys */
export function requireSysctl(path: string, value: string): Requirement {
  return () => {
    const file = `/proc/sys/${path}`;
    const found = existsSync(file) ? readFileSync(file, "utf8").trim() : "none";
    return found === value ? undefined : `needs ${path} = ${value}, which is ${found}`;
  };
}

/** The built command line. */
export const requireBuild: Requirement = () => (existsSync(tsprobeEntry) ? undefined : "needs the build: npm run build");

export const tsprobeEntry = new URL("../../../dist/cli/main.js", import.meta.url).pathname;

/** Tools of the system are in sbin, which is not on every path. */
export function toolEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env.PATH ?? ""}:/usr/sbin:/sbin` };
}

/** Why tests must be skipped, or undefined. For what is prepared outside of their hooks, too. */
export const lacking = (requirements: readonly Requirement[]): string | undefined =>
  requirements.map((check) => check()).find((text) => text !== undefined);

/** describe(), or a skip whose reason is printed and part of the title, where the report of all tests finds it. */
export function describeWhere(
  requirements: readonly Requirement[],
  title: string,
  body: () => void,
  define: (title: string, body: () => void) => unknown = describe,
): void {
  const reason = lacking(requirements);
  if (reason === undefined) define(title, body);
  else describe.skip(skippedTitle(title, reason), body);
}

/** test(), or such a skip: for one test that needs more than those around it. */
export function testWhere(
  requirements: readonly Requirement[],
  title: string,
  body: () => void | Promise<void>,
  timeoutMs?: number,
): void {
  const reason = lacking(requirements);
  if (reason === undefined) test(title, body, timeoutMs);
  else test.skip(skippedTitle(title, reason), body);
}

function skippedTitle(title: string, reason: string): string {
  console.warn(`skipped: ${title}: ${reason}`);
  return `${title} (skipped: ${reason})`;
}
