import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { readExactJson } from "../e2e/harness/read-json.js";
import {
  describeWhere,
  type Requirement,
  requireBuild,
  requireTool,
  toolEnvironment,
  tsprobeEntry,
} from "../e2e/harness/requirements.js";

const KERNELS = ["6.1", "6.12"] as const;
const path = (file: string) => new URL(file, import.meta.url).pathname;

/** The kernel's package can be had, or was unpacked before. */
function requireKernel(version: string): Requirement {
  return () => {
    const { status, stderr } = vm(version, ["true"], 150_000);
    return status === 0 ? undefined : `no virtual machine with Linux ${version}: ${stderr.trim().split("\n").at(-1)}`;
  };
}

function vm(version: string, command: readonly string[], timeout: number) {
  return spawnSync(path("run-in-vm"), [version, "--", ...command], {
    encoding: "utf8",
    timeout,
    env: toolEnvironment(),
    maxBuffer: 16 << 20,
  });
}

interface Line {
  readonly type?: string;
  readonly canTrace?: boolean;
  readonly client?: number;
  readonly server?: number;
  readonly lost?: number;
  readonly data?: { readonly lport: number; readonly rport: number; readonly from: string; readonly to: string };
}

const tools = [
  requireTool("qemu-system-x86_64", "qemu-system-x86"),
  requireTool("busybox", "busybox-static"),
  requireTool("cpio"),
  requireTool("depmod", "kmod"),
];

for (const version of KERNELS) {
  describeWhere([...tools, requireBuild, requireKernel(version)], `Linux ${version} in a virtual machine`, () => {
    it("doctor says that it can trace, and tcpstates shows a connection's whole life", { timeout: 300_000 }, () => {
      const { stdout, stderr, status } = vm(
        version,
        [path("tcpstates.sh"), tsprobeEntry, path("../../probes/tcpstates.ts")],
        280_000,
      );
      expect(status, stderr).toBe(0);
      const lines = stdout
        .split(/\r?\n/)
        .filter((line) => line.startsWith("{"))
        .map((line) => readExactJson(line) as Line);
      expect(lines[0]?.canTrace, stdout).toBe(true);
      expect(stdout).toContain("doctor ended with 0");
      expect(stdout).toContain("run ended with 0");
      const ports = lines.find((line) => line.type === "ports");
      const rows = lines.flatMap((line) => (line.type === "event" && line.data !== undefined ? [line.data] : []));
      const of = (local: number, remote: number) =>
        rows.filter((row) => row.lport === local && row.rport === remote).map((row) => `${row.from} ${row.to}`);
      // The client's first transition comes before its port is chosen; the server closes first.
      expect(of(0, ports?.server as number)).toContain("CLOSE SYN_SENT");
      expect(of(ports?.client as number, ports?.server as number)).toEqual([
        "SYN_SENT ESTABLISHED",
        "ESTABLISHED CLOSE_WAIT",
        "CLOSE_WAIT LAST_ACK",
        "LAST_ACK CLOSE",
      ]);
      const server = of(ports?.server as number, ports?.client as number);
      expect(server.slice(-4)).toEqual([
        "SYN_RECV ESTABLISHED",
        "ESTABLISHED FIN_WAIT1",
        "FIN_WAIT1 FIN_WAIT2",
        "FIN_WAIT2 CLOSE",
      ]);
      expect(lines.at(-1)).toMatchObject({ type: "summary", lost: 0 });
    });
  });
}
