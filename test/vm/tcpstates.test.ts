import { expect, it } from "vitest";
import { readExactJson } from "../e2e/harness/read-json.js";
import { tsprobeEntry } from "../e2e/harness/requirements.js";
import { describeInVms, runInVm, scriptPath } from "./harness/vm.js";

interface Line {
  readonly type?: string;
  readonly canTrace?: boolean;
  readonly client?: number;
  readonly server?: number;
  readonly lost?: number;
  readonly data?: { readonly lport: number; readonly rport: number; readonly from: string; readonly to: string };
}

describeInVms((version) => {
  it("doctor says that it can trace, and tcpstates shows a connection's whole life", { timeout: 300_000 }, () => {
    const { stdout, stderr, status } = runInVm(version, [
      scriptPath("tcpstates.sh"),
      tsprobeEntry,
      scriptPath("../../probes/tcpstates.ts"),
    ]);
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
    expect(server.slice(-4)).toEqual(["SYN_RECV ESTABLISHED", "ESTABLISHED FIN_WAIT1", "FIN_WAIT1 FIN_WAIT2", "FIN_WAIT2 CLOSE"]);
    expect(lines.at(-1)).toMatchObject({ type: "summary", lost: 0 });
  });
});
