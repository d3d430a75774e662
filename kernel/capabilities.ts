import { readFileSync, readlinkSync } from "node:fs";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { CAPABILITY_NAMES, type Capability } from "./capability-names.js";

/** What decides whether this process may load and attach probes. */
export interface SecurityState {
  /** Effective capabilities, one bit each. */
  readonly effective: bigint;
  /** False inside a user namespace (a rootless container), where capabilities say nothing about the kernel itself. */
  readonly initialUserNamespace: boolean;
  /** undefined when the kernel has no lockdown or does not tell. */
  readonly lockdown: "none" | "integrity" | "confidentiality" | undefined;
  /** The sysctl kernel.unprivileged_bpf_disabled: 0, 1 or 2. */
  readonly unprivilegedBpfDisabled: number | undefined;
}

/** PROC_USER_INIT_INO of include/linux/proc_ns.h: the inode of the first user namespace is fixed. */
const INITIAL_USER_NAMESPACE = "user:[4026531837]";

/** Reads the state of this process and kernel. */
export function readSecurityState(): SecurityState {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readOr("/proc/self/status", ""))?.[1] ?? "0";
  const lockdown = /\[(none|integrity|confidentiality)\]/.exec(readOr("/sys/kernel/security/lockdown", ""))?.[1];
  const sysctl = readOr("/proc/sys/kernel/unprivileged_bpf_disabled", "").trim();
  return {
    effective: BigInt(`0x${effective}`),
    initialUserNamespace: inInitialUserNamespace(),
    lockdown: lockdown as SecurityState["lockdown"],
    unprivilegedBpfDisabled: sysctl === "" ? undefined : Number(sysctl),
  };
}

/** Whether this process has the capability now (its effective set). */
export function hasCapability(name: Capability, state: SecurityState = readSecurityState()): boolean {
  return ((state.effective >> BigInt(CAPABILITY_NAMES.indexOf(name))) & 1n) === 1n;
}

/**
 * The capabilities that loading and attaching tracing programs needs and this process lacks: CAP_BPF and CAP_PERFMON,
 * for both of which CAP_SYS_ADMIN stands in (bpf_capable() and perfmon_capable() of include/linux/capability.h).
 * Reading tracefs is a matter of file modes, not of these.
 */
export function missingForTracing(state: SecurityState = readSecurityState()): Capability[] {
  if (hasCapability("CAP_SYS_ADMIN", state)) return [];
  return (["CAP_BPF", "CAP_PERFMON"] as const).filter((name) => !hasCapability(name, state));
}

/** Why this process may not trace; undefined when nothing known stands against it. */
export function explainPermission(state: SecurityState = readSecurityState()): Diagnostic | undefined {
  const missing = missingForTracing(state);
  if (missing.length > 0) return lacksCapabilities(missing, state);
  if (!state.initialUserNamespace) return insideUserNamespace();
  // Integrity mode only forbids writing to user memory (LOCKDOWN_BPF_WRITE_USER), which no probe here does.
  return state.lockdown === "confidentiality" ? lockedDown() : undefined;
}

function lacksCapabilities(missing: readonly Capability[], state: SecurityState): Diagnostic {
  return {
    code: "TSP1221",
    failure: "permission",
    severity: "error",
    message: `probing the kernel needs the ${missing.length === 1 ? "capability" : "capabilities"} ${missing.join(" and ")}, which this process does not have`,
    hints: [
      "run tsprobe with sudo",
      "or only with what it needs: sudo setpriv --reuid=$(id -u) --regid=$(id -g) --init-groups " +
        "--inh-caps=+bpf,+perfmon,+dac_read_search --ambient-caps=+bpf,+perfmon,+dac_read_search tsprobe …",
    ],
    details: [
      `effective capabilities: ${state.effective.toString(16).padStart(16, "0")}`,
      `kernel.unprivileged_bpf_disabled: ${state.unprivilegedBpfDisabled ?? "unknown"} (0 would not allow tracing either)`,
    ].join("\n"),
  };
}

function insideUserNamespace(): Diagnostic {
  return {
    code: "TSP1222",
    failure: "permission",
    severity: "error",
    message: "this process is root in a user namespace only (a rootless container), which gives no right to probe the kernel",
    hints: ["run tsprobe on the host with sudo, or in a container without user namespace: docker run --privileged --pid=host …"],
  };
}

function lockedDown(): Diagnostic {
  return {
    code: "TSP1223",
    failure: "permission",
    severity: "error",
    message: 'the kernel is locked down in mode "confidentiality", which forbids reading kernel memory even to root',
    hints: [
      'start the kernel with lockdown=integrity, or without lockdown=confidentiality, on its command line ("man kernel_lockdown" tells more)',
    ],
  };
}

function inInitialUserNamespace(): boolean {
  try {
    return readlinkSync("/proc/self/ns/user") === INITIAL_USER_NAMESPACE;
  } catch {
    // A kernel without user namespaces has only the first one.
    return true;
  }
}

function readOr(path: string, fallback: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return fallback;
  }
}
