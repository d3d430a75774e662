import { readFileSync } from "node:fs";

/** include/uapi/linux/capability.h */
const CAPABILITIES = { CAP_SYS_ADMIN: 21n, CAP_PERFMON: 38n, CAP_BPF: 39n } as const;

/** What the process may do, as far as loading programs is concerned. */
export interface Privileges {
  /** Capabilities it would need and does not have: empty when it has all. CAP_SYS_ADMIN stands for both others. */
  readonly missing: readonly string[];
  /** In a user namespace (rootless container) capabilities do not reach the kernel's BPF checks. */
  readonly inUserNamespace: boolean;
}

/**
 * Judges privileges from the texts of /proc/self/status and /proc/self/uid_map.
 * kernel/bpf/syscall.c: a tracing program needs CAP_BPF and CAP_PERFMON, or CAP_SYS_ADMIN.
 */
export function judgePrivileges(status: string, uidMap: string): Privileges {
  const effective = BigInt(`0x${status.match(/^CapEff:\s*([0-9a-f]+)/m)?.[1] ?? "0"}`);
  const has = (bit: bigint) => ((effective >> bit) & 1n) === 1n;
  const needed = ["CAP_BPF", "CAP_PERFMON"] as const;
  const missing = has(CAPABILITIES.CAP_SYS_ADMIN) ? [] : needed.filter((name) => !has(CAPABILITIES[name]));
  return { missing, inUserNamespace: !/^\s*0\s+0\s+4294967295\s*$/.test(uidMap) };
}

/** The privileges of this process. */
export function readPrivileges(): Privileges {
  return judgePrivileges(readFileSync("/proc/self/status", "utf8"), readFileSync("/proc/self/uid_map", "utf8"));
}

/** As setpriv wants them; tracefs is readable for root only on most systems. */
const ALL = "+bpf,+perfmon,+dac_read_search";

/** What to tell somebody whom the kernel refused: the most likely cause first. Empty if nothing is missing. */
export function privilegeHints({ missing, inUserNamespace }: Privileges): readonly string[] {
  if (missing.length > 0)
    return [
      "run it as root: `sudo tsprobe …`",
      `or give the process ${missing.join(" and ")}: \`sudo setpriv --reuid=$(id -u) --regid=$(id -g) --init-groups --inh-caps=${ALL} --ambient-caps=${ALL} tsprobe …\``,
    ];
  if (inUserNamespace)
    return ["run it outside of this user namespace (rootless container): capabilities in it do not count for BPF"];
  return [];
}
