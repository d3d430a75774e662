import { expect, test } from "vitest";
import { judgePrivileges, privilegeHints } from "../../../runtime/libbpf/capabilities.js";

const HOST = "         0          0 4294967295\n";
const status = (effective: string) => `Name:\tnode\nCapPrm:\t0000000000000000\nCapEff:\t${effective}\n`;
const bit = (...bits: number[]) =>
  bits
    .reduce((sum, at) => sum | (1n << BigInt(at)), 0n)
    .toString(16)
    .padStart(16, "0");

test("root has what it needs", () => {
  const privileges = judgePrivileges(status("000001ffffffffff"), HOST);
  expect(privileges).toEqual({ missing: [], inUserNamespace: false });
  expect(privilegeHints(privileges)).toEqual([]);
});

test("an ordinary user has not", () => {
  const privileges = judgePrivileges(status("0000000000000000"), HOST);
  expect(privileges.missing).toEqual(["CAP_BPF", "CAP_PERFMON"]);
  expect(privilegeHints(privileges)[0]).toBe("run it as root: `sudo tsprobe …`");
});

test("each capability is judged by itself", () => {
  expect(judgePrivileges(status(bit(39)), HOST).missing).toEqual(["CAP_PERFMON"]);
  expect(judgePrivileges(status(bit(38)), HOST).missing).toEqual(["CAP_BPF"]);
  expect(judgePrivileges(status(bit(38, 39)), HOST).missing).toEqual([]);
  expect(judgePrivileges(status(bit(21)), HOST).missing).toEqual([]);
});

test("capabilities inside of a user namespace do not count", () => {
  const privileges = judgePrivileges(status("000001ffffffffff"), "         0       1000          1\n");
  expect(privileges).toEqual({ missing: [], inUserNamespace: true });
  expect(privilegeHints(privileges)[0]).toMatch(/user namespace/);
});
