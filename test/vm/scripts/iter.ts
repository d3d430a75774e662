import { readdirSync } from "node:fs";
import { createServer } from "node:net";
import { iter, lruHash, onExit, onStart, pid, stop, tracepoint } from "tsprobe";

/** Seeded by the iterator, then followed by the tracepoint. */
const known = lruHash({ key: "u16", value: "u8" });
export const sockets = iter("tcp", ({ sk_common, uid }) => {
  known.set(sk_common.skc_num, sk_common.skc_state);
  return { port: sk_common.skc_num, state: sk_common.skc_state, uid };
});
export const tasks = iter("task", ({ task }) => ({ pid: task.tgid, tid: task.pid, comm: task.comm }));

const self = process.pid;
export const states = tracepoint("sock:inet_sock_set_state", (ctx) => {
  if (pid() !== self) return;
  return { port: ctx.sport, before: known.get(ctx.sport), to: ctx.newstate };
});
const seen: unknown[] = [];
states.on((event) => seen.push(event));

onStart(async () => {
  const server = createServer().listen(0, "127.0.0.1", async () => {
    const { port } = server.address() as { port: number };
    const found = (await sockets.read()).filter((socket) => socket.port === port);
    const isMine = (name: string) => /^\d+$/.test(name);
    const before = readdirSync("/proc").filter(isMine).map(Number);
    const threads = readdirSync("/proc/self/task").filter(isMine).map(Number);
    const all = await tasks.read();
    const [one, other] = await Promise.all([tasks.read(), tasks.read()]);
    // Those that were there all the time: kernel threads come and go.
    const after = new Set(readdirSync("/proc").filter(isMine).map(Number));
    const proc = before.filter((process) => after.has(process));
    const listed = new Set(all.map((task) => task.pid));
    const closed = () => {
      const { port: _, ...last } = seen.at(-1) as { port: number };
      console.log(
        JSON.stringify({
          found: found.map(({ state, uid }) => ({ state, uid })),
          last,
          missing: proc.filter((process) => !listed.has(process)).length,
          threads: threads.every((tid) => all.some((task) => task.tid === tid && task.pid === self)),
          twice: one.length > 0 && Math.abs(one.length - other.length) < 20,
        }),
      );
      stop();
    };
    server.close(() => setTimeout(closed, 100));
  });
});
onExit(async () => console.log(JSON.stringify({ atExit: (await tasks.read()).some((task) => task.pid === self) })));
