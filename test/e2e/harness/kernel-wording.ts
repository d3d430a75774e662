import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { KernelWording } from "../workload/scenario.js";
import { withTracefs } from "./process.js";
import { toolEnvironment } from "./requirements.js";

/** Measures how this kernel words its rows, without any of the tracers under test. */
export function measureKernelWording(): KernelWording {
  const script = fileURLToPath(new URL("./kernel-wording.mjs", import.meta.url));
  const [command, ...args] = withTracefs([process.execPath, script]);
  const output = execFileSync(command as string, args, { encoding: "utf8", env: toolEnvironment(), timeout: 20_000 });
  return JSON.parse(output) as KernelWording;
}

/** The ports from which the kernel serves connect() without bind(). */
export function ephemeralPorts(): [number, number] {
  const [low = 0, high = 0] = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8").trim().split(/\s+/).map(Number);
  return [low, high];
}
