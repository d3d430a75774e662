import type { TcpState } from "../workload/transition.js";
import { RunningProcess, withTracefs } from "./process.js";
import type { Row } from "./rows.js";
import type { Tracer } from "./tracer.js";

/** include/net/tcp_states.h: bpftrace prints the number. */
const states: readonly TcpState[] = [
  "CLOSE",
  "ESTABLISHED",
  "SYN_SENT",
  "SYN_RECV",
  "FIN_WAIT1",
  "FIN_WAIT2",
  "TIME_WAIT",
  "CLOSE",
  "CLOSE_WAIT",
  "LAST_ACK",
  "LISTEN",
  "CLOSING",
  "NEW_SYN_RECV",
];

const program = `
BEGIN { printf("ready\\n"); }
tracepoint:sock:inet_sock_set_state / args->protocol == 6 / {
  $now = nsecs; $before = @since[args->skaddr];
  if (args->newstate == 7) { delete(@since[args->skaddr]); } else { @since[args->skaddr] = $now; }
  if (args->family == 2) {
    printf("%llx %d %d %d %d %d %llu %s %s %s\\n", args->skaddr, pid, args->sport, args->dport, args->oldstate, args->newstate,
      $before ? ($now - $before) / 1000 : 0, ntop(args->saddr), ntop(args->daddr), comm);
  } else {
    printf("%llx %d %d %d %d %d %llu %s %s %s\\n", args->skaddr, pid, args->sport, args->dport, args->oldstate, args->newstate,
      $before ? ($now - $before) / 1000 : 0, ntop(args->saddr_v6), ntop(args->daddr_v6), comm);
  }
}
END { clear(@since); }
`;

/** bpftrace as a witness that shares no code with tsprobe. Its buffers are per CPU: keep the traffic on one. */
export async function startBpftrace(): Promise<Tracer> {
  const process = new RunningProcess(withTracefs(["stdbuf", "-oL", "bpftrace", "-e", program]), {
    // 0.17 shows at most this many bytes of a string, and fewer makes its per-CPU buffers smaller.
    BPFTRACE_STRLEN: "64",
  });
  await process.until(() => /^ready$/m.test(process.stdout), "bpftrace to attach");
  return { name: "bpftrace", process, rows: () => readBpftrace(process.stdout) };
}

export function readBpftrace(text: string): Row[] {
  const rows: Row[] = [];
  for (const line of text.slice(0, text.lastIndexOf("\n") + 1).split("\n")) {
    const match = /^([0-9a-f]{8,16}) (\d+) (\d+) (\d+) (\d+) (\d+) (\d+) (\S+) (\S+) (.*)$/.exec(line);
    if (!match) continue;
    const [, sk = "", pid, lport, rport, from, to, us, laddr = "", raddr = "", comm = ""] = match;
    const names = [states[Number(from)], states[Number(to)]] as [TcpState, TcpState];
    const ports = { lport: Number(lport), rport: Number(rport) };
    rows.push({ sk, pid: Number(pid), comm, laddr, raddr, ...ports, from: names[0], to: names[1], ms: Number(us) / 1000 });
  }
  return rows;
}
