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
  readonly pid?: number;
  readonly data?: {
    readonly lport: number;
    readonly rport: number;
    readonly from: string;
    readonly to: string;
    readonly pid?: number;
    readonly cpid?: number;
  };
}

describeInVms((version) => {
  it("doctor says that it can trace, and tcpstates shows a connection's whole life", { timeout: 600_000 }, async () => {
    const { stdout, status } = await runInVm(version, [
      scriptPath("tcpstates.sh"),
      tsprobeEntry,
      scriptPath("../../probes/tcpstates.ts"),
    ]);
    expect(status, stdout).toBe(0);
    const lines = stdout
      .split(/\r?\n/)
      .filter((line) => line.startsWith("{"))
      .map((line) => readExactJson(line) as Line);
    expect(lines[0]?.canTrace, stdout).toBe(true);
    expect(stdout).toContain("doctor ended with 0");
    expect(stdout).toContain("run ended with 130");
    const ports = lines.find((line) => line.type === "ports");
    const rows = lines.flatMap((line) => (line.type === "event" && line.data !== undefined ? [line.data] : []));
    const both = (local: number | undefined, remote: number | undefined) =>
      rows.filter((row) => row.lport === local && row.rport === remote);
    const names = (list: typeof rows) => list.map((row) => `${row.from} ${row.to}`);
    // The client's first row waits for its port, which fexit of inet_hash_connect tells; the server closes first.
    const client = both(ports?.client, ports?.server);
    expect(names(client)).toEqual([
      "CLOSE SYN_SENT",
      "SYN_SENT ESTABLISHED",
      "ESTABLISHED CLOSE_WAIT",
      "CLOSE_WAIT LAST_ACK",
      "LAST_ACK CLOSE",
    ]);
    expect(stdout).toMatch(/attached to .*fexit:inet_hash_connect, fexit:inet6_hash_connect.*fexit:inet_csk_accept/);
    // On these kernels a child's first row still has its listener's ends.
    const begins = rows.find((row) => row.lport === ports?.server && row.to === "SYN_RECV");
    expect([begins?.from, begins?.pid, begins?.cpid]).toEqual(["LISTEN", undefined, undefined]);
    const server = both(ports?.server, ports?.client).slice(-4);
    expect(names(server)).toEqual(["SYN_RECV ESTABLISHED", "ESTABLISHED FIN_WAIT1", "FIN_WAIT1 FIN_WAIT2", "FIN_WAIT2 CLOSE"]);
    // The one process is both; nobody owns the child before it is accepted.
    expect(client.map(({ pid }) => pid)).toEqual(client.map(() => ports?.pid));
    expect(server.map(({ pid }) => pid)).toEqual([undefined, ports?.pid, ports?.pid, ports?.pid]);
    // The handshake's last ACK comes in a softirq: whoever that interrupted is not named. connect() and close() are calls.
    expect(server[0]?.cpid).toBeUndefined();
    expect([client[0]?.cpid, client[3]?.cpid, server[1]?.cpid]).toEqual([ports?.pid, ports?.pid, ports?.pid]);
    expect(lines.at(-1)).toMatchObject({ type: "summary", lost: 0 });
  });
});
