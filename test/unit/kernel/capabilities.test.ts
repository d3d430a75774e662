import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  explainPermission,
  hasCapability,
  missingForTracing,
  readSecurityState,
  type SecurityState,
} from "../../../kernel/capabilities.js";
import { CAPABILITY_NAMES, type Capability } from "../../../kernel/capability-names.js";

function stateWith(...capabilities: Capability[]): SecurityState {
  const effective = capabilities.reduce((bits, name) => bits | (1n << BigInt(CAPABILITY_NAMES.indexOf(name))), 0n);
  return { effective, initialUserNamespace: true, lockdown: "none", unprivilegedBpfDisabled: 2 };
}

describe("capability numbers", () => {
  // include/uapi/linux/capability.h
  it.each([
    ["CAP_DAC_READ_SEARCH", 2],
    ["CAP_NET_ADMIN", 12],
    ["CAP_SYS_ADMIN", 21],
    ["CAP_SYS_RESOURCE", 24],
    ["CAP_SYSLOG", 34],
    ["CAP_PERFMON", 38],
    ["CAP_BPF", 39],
    ["CAP_CHECKPOINT_RESTORE", 40],
  ] as const)("%s is %i", (name, number) => {
    expect(CAPABILITY_NAMES.indexOf(name)).toBe(number);
    expect(hasCapability(name, { ...stateWith(), effective: 1n << BigInt(number) })).toBe(true);
    expect(hasCapability(name, { ...stateWith(), effective: ~(1n << BigInt(number)) & 0x1ffffffffffn })).toBe(false);
  });
});

describe("missingForTracing", () => {
  it("wants CAP_BPF and CAP_PERFMON", () => {
    expect(missingForTracing(stateWith())).toEqual(["CAP_BPF", "CAP_PERFMON"]);
    expect(missingForTracing(stateWith("CAP_BPF"))).toEqual(["CAP_PERFMON"]);
    expect(missingForTracing(stateWith("CAP_PERFMON", "CAP_NET_ADMIN"))).toEqual(["CAP_BPF"]);
    expect(missingForTracing(stateWith("CAP_BPF", "CAP_PERFMON"))).toEqual([]);
  });

  it("takes CAP_SYS_ADMIN for both", () => {
    expect(missingForTracing(stateWith("CAP_SYS_ADMIN"))).toEqual([]);
  });
});

describe("explainPermission", () => {
  it("finds nothing against a process that has all it needs", () => {
    expect(explainPermission(stateWith("CAP_BPF", "CAP_PERFMON"))).toBeUndefined();
    expect(
      explainPermission({ ...stateWith("CAP_SYS_ADMIN"), lockdown: undefined, unprivilegedBpfDisabled: undefined }),
    ).toBeUndefined();
    expect(explainPermission({ ...stateWith("CAP_SYS_ADMIN"), lockdown: "integrity" })).toBeUndefined();
  });

  it("names the missing capabilities", () => {
    expect(explainPermission(stateWith())).toMatchObject({
      code: "TSP1221",
      failure: "permission",
      message: "probing the kernel needs the capabilities CAP_BPF and CAP_PERFMON, which this process does not have",
      hints: ["run tsprobe with sudo", expect.stringContaining("sudo setpriv --reuid=$(id -u)")],
    });
    expect(explainPermission(stateWith("CAP_BPF"))?.message).toMatch(/needs the capability CAP_PERFMON,/);
  });

  it("is not deceived by the root of a container", () => {
    expect(explainPermission({ ...stateWith("CAP_SYS_ADMIN"), initialUserNamespace: false })).toEqual({
      code: "TSP1222",
      failure: "permission",
      severity: "error",
      message: "this process is root in a user namespace only (a rootless container), which gives no right to probe the kernel",
      hints: [
        "run tsprobe on the host with sudo, or in a container without user namespace: docker run --privileged --pid=host …",
      ],
    });
    // Capabilities that are missing are named first.
    expect(explainPermission({ ...stateWith(), initialUserNamespace: false })?.code).toBe("TSP1221");
  });

  it("knows the lockdown that stops even root", () => {
    expect(explainPermission({ ...stateWith("CAP_SYS_ADMIN"), lockdown: "confidentiality" })).toMatchObject({
      code: "TSP1223",
      failure: "permission",
      message: 'the kernel is locked down in mode "confidentiality", which forbids reading kernel memory even to root',
      hints: [
        'start the kernel with lockdown=integrity, or without lockdown=confidentiality, on its command line ("man kernel_lockdown" tells more)',
      ],
    });
  });
});

describe("readSecurityState", () => {
  it("reads this process's own", () => {
    const state = readSecurityState();
    const expected = /CapEff:\s*([0-9a-f]+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1] as string;
    expect(state.effective.toString(16).padStart(16, "0")).toBe(expected);
    expect(state.unprivilegedBpfDisabled).toBe(Number(readFileSync("/proc/sys/kernel/unprivileged_bpf_disabled", "utf8")));
  });
});
