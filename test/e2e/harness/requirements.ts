import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { describe } from "vitest";

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

/** Why tests must be skipped. */
const lacking = (requirements: readonly Requirement[]): string | undefined =>
  requirements.map((check) => check()).find((text) => text !== undefined);

/** For `skipIf`: whether tests must be skipped, and prints why. */
export function skips(what: string, ...requirements: readonly Requirement[]): boolean {
  const reason = lacking(requirements);
  if (reason !== undefined) console.warn(`skipped: ${what}: ${reason}`);
  return reason !== undefined;
}

/** describe(), or a skip whose reason is printed and part of the title. */
export function describeWhere(
  requirements: readonly Requirement[],
  title: string,
  body: () => void,
  define: (title: string, body: () => void) => unknown = describe,
): void {
  const reason = lacking(requirements);
  if (reason === undefined) {
    define(title, body);
    return;
  }
  console.warn(`skipped: ${title}: ${reason}`);
  describe.skip(`${title} (skipped: ${reason})`, body);
}
