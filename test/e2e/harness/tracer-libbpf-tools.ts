import net from "node:net";
import { freePort } from "./free-port.js";
import { RunningProcess, withTracefs } from "./process.js";
import { readStatesTable } from "./read-states.js";
import type { Tracer } from "./tracer.js";

/**
 * tcpstates of libbpf-tools. It prints through stdio, so it needs stdbuf to show a row when it happens; it says nothing
 * when it is attached, so refused connections are made until one is seen; `--wide`, else IPv6 addresses break the columns.
 * Its events come through one perf buffer per CPU: keep the traffic on one CPU if order matters.
 */
export async function startLibbpfTools(): Promise<Tracer> {
  const process = new RunningProcess(withTracefs(["stdbuf", "-oL", "tcpstates", "--wide"]));
  const complete = () => process.stdout.slice(0, process.stdout.lastIndexOf("\n") + 1);
  const rows = () => readStatesTable(complete());
  const port = await freePort();
  const seen = () => rows().some((row) => row.rport === port);
  const deadline = performance.now() + 20_000;
  while (!seen()) {
    if (!process.running || performance.now() > deadline) throw new Error(`tcpstates showed nothing: ${process.stderr}`);
    await knock(port);
    await process.until(seen, "tcpstates to attach", 100).catch(() => undefined);
  }
  return { name: "libbpf-tools tcpstates", process, rows };
}

async function knock(port: number): Promise<void> {
  const socket = net.connect(port, "127.0.0.1");
  await new Promise<void>((resolve) => {
    socket.once("error", () => resolve());
    socket.once("connect", () => socket.destroy());
    socket.once("close", () => resolve());
  });
}
