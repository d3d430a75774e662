import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { withTracefs } from "./process.js";
import { toolEnvironment } from "./requirements.js";

let answer: Promise<boolean> | undefined;

/**
 * Whether this kernel fires no tracepoint while process 1 is the current one. The 6.18 of our machines is such a kernel
 * (its process 1 is the sandbox's own): ftrace, bpftrace and tsprobe alike see that its threads are switched to, never
 * that they are switched from. What an interrupt does that falls upon one of them, say the delayed ACK that makes
 * FIN_WAIT2 of FIN_WAIT1, no tracer sees, and nothing counts it: about one connection in 1,000 on a busy machine.
 *
 * Measured when it is first asked, without BPF.
 */
export function isProcessOneHidden(): Promise<boolean> {
  answer ??= measure();
  return answer;
}

async function measure(): Promise<boolean> {
  const script = fileURLToPath(new URL("./process-one.mjs", import.meta.url));
  const [command, ...args] = withTracefs([process.execPath, script]);
  const { stdout } = await promisify(execFile)(command as string, args, { env: toolEnvironment(), timeout: 30_000 });
  const { to, from } = JSON.parse(stdout) as { to: number; from: number };
  return to > 0 && from === 0;
}
