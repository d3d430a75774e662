/** The three hooks of tcprtt at once: each sees the same packets, so all three histograms must be the same. */
import { fentry, fn, hist, type KernelStruct, kprobe, onExit, rawTracepoint } from "tsprobe";
import { remotePort, tcpSock } from "tsprobe/net";

const PORT = 5301;
const rtt = hist().by({ hook: "u8" });

const sample = fn((sk: KernelStruct<"sock">, hook: number) => {
  if (remotePort(sk) === PORT) rtt.add({ hook }, tcpSock(sk).srtt_us >>> 3);
});

fentry("tcp_rcv_established", ({ sk }) => sample(sk, 0));
kprobe("tcp_rcv_established", ({ sk }) => sample(sk, 1));
rawTracepoint("tcp_probe", ({ sk }) => sample(sk, 2));

onExit(() => {
  const readings = [0, 1, 2].map((hook) => rtt.get({ hook }));
  console.log(JSON.stringify({ hooks: readings.map((reading) => reading?.toJSON() ?? null) }));
});
