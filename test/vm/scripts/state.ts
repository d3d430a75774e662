import { array, count, fn, hash, hist, onExit, stats, tracepoint } from "tsprobe";

// Seen with --command only: what one program does.
const calls = count().by("u32");
const sizes = hist();
const all = stats();
const slots = array({ value: "u64", length: 4 });
const totals = hash({ key: "u8", value: "u64" });

/** Long enough to be a function of its own where the kernel has bpf_loop (5.17), with a result that depends on each round. */
const mix = fn((seed: number) => {
  let x = seed;
  for (let i = 0; i < 1_000; i++) x = (x * 31 + i) % 65_521;
  return x;
});

export const seen = tracepoint("syscalls:sys_enter_getpgid", ({ pid }) => {
  calls.add(pid % 3);
  sizes.add(pid);
  all.add(pid);
  slots.incr(pid % 4);
  totals.add(0, 1n);
  let entries = 0;
  for (const [key] of totals) entries += key + 1;
  let switched = 0;
  switch (pid % 4) {
    // biome-ignore lint/suspicious/noFallthroughSwitchClause: what is tried
    case 0:
      switched = 10;
    // falls through
    case 1:
      switched += 1;
      break;
    default:
      switched = 5;
  }
  return { pid, mixed: mix(pid), entries, switched };
});

const mixed: number[] = [];
let right = 0;
seen.on((e) => {
  let x = e.pid;
  for (let i = 0; i < 1_000; i++) x = (x * 31 + i) % 65_521;
  const switched = [11, 1, 5, 5][e.pid % 4];
  if (e.mixed === x && e.entries === 1 && e.switched === switched) right++;
  mixed.push(e.mixed);
});

onExit(() => {
  const { sum, min, max, count: number } = all.read();
  console.log(
    JSON.stringify({
      right,
      events: mixed.length,
      calls: [0, 1, 2].map((key) => calls.get(key)),
      slots: [...slots.values()].map(Number),
      total: Number(totals.get(0) ?? 0n),
      sizes: Number(sizes.read().count),
      stats: [sum, min, max, number].map(Number),
    }),
  );
});
