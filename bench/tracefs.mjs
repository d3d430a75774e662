import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/**
 * Makes sure that tracefs is there for what we start. Where it is not mounted, runs this script again in a mount
 * namespace of its own that has it, so that nothing of the machine changes, and ends with that run's exit code.
 */
export function ensureTracefs() {
  if (existsSync("/sys/kernel/tracing/events")) return;
  if (process.env.BENCH_TRACEFS) throw new Error("tracefs cannot be mounted");
  const script = 'mount -t tracefs tracefs /sys/kernel/tracing && exec "$@"';
  const argv = ["--mount", "--propagation", "private", "sh", "-c", script, "sh", process.execPath, ...process.argv.slice(1)];
  const { status } = spawnSync("unshare", argv, { stdio: "inherit", env: { ...process.env, BENCH_TRACEFS: "1" } });
  process.exit(status ?? 1);
}
