import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** npm's errors when it cannot reach the registry, or the registry cannot serve. */
const UNREACHABLE =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED|E5\d\d)\b|network/;

/**
 * Installs packages into an empty folder, from npm's cache where it has them.
 * @returns why it could not be done when that is the network's fault
 */
export function npmInstall(folder: string, packages: readonly string[], flags: readonly string[] = []): string | undefined {
  writeFileSync(join(folder, "package.json"), "{}");
  const args = ["install", "--no-audit", "--no-fund", "--no-save", "--prefer-offline", ...flags, ...packages];
  // scripts/test.mjs has put it aside.
  const { TSPROBE_TESTS_CA_CERTS: certificates, ...rest } = process.env;
  const env = certificates === undefined ? rest : { ...rest, NODE_EXTRA_CA_CERTS: certificates };
  const { status, stderr } = spawnSync("npm", args, { cwd: folder, encoding: "utf8", timeout: 240_000, env });
  if (status === 0) return undefined;
  const reason = /^npm error .*/m.exec(stderr)?.[0] ?? stderr.slice(-300);
  if (UNREACHABLE.test(stderr)) return `the npm registry cannot be reached (${reason})`;
  throw new Error(`npm ${args.join(" ")} failed:\n${stderr}`);
}
