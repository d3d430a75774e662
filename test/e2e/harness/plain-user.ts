import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

export const NOBODY = 65534;

/** Put before a command, it runs as a user with no rights at all. */
export const AS_NOBODY = ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"] as const;

const repository = fileURLToPath(new URL("../../../", import.meta.url));
/** What `tsprobe` needs to run, and the scripts that tests give it. */
const NEEDED = ["dist", "kernel/snapshots", "node_modules", "package.json", "toolchain", "probes", "test/fixtures"];

/**
 * A folder with this checkout as another user can read it: the checkout itself, or, where it lies in a private folder (as
 * those of `mktemp -d` are), a copy for the length of the test file.
 */
export function checkoutForOthers(): string {
  const [command, ...args] = [...AS_NOBODY, "test", "-r", join(repository, "dist/cli/main.js")] as const;
  if (spawnSync(command, args).status === 0) return repository;
  const copy = mkdtempSync(join(tmpdir(), "tsprobe-checkout-"));
  afterAll(() => rmSync(copy, { recursive: true, force: true }));
  execFileSync("cp", ["-a", "--reflink=auto", "--parents", ...NEEDED, copy], { cwd: repository });
  execFileSync("chmod", ["-R", "a+rX", copy]);
  return copy;
}
