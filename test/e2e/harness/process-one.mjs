// Asks the kernel's own text tracer (tracefs, no BPF) how often it told of process 1 being switched to, and from.
// Runs as a child, because tracefs may be mounted only in its own mount namespace. Prints one line of JSON.

import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const ENOUGH = 5;
const PATIENCE_MS = 15_000;

// An instance has its own buffer and its own switches: nothing of anyone else's tracing changes.
const instance = `/sys/kernel/tracing/instances/tsprobe-test-${process.pid}`;
const event = `${instance}/events/sched/sched_switch`;
const tids = readdirSync("/proc/1/task");

mkdirSync(instance);
try {
  writeFileSync(`${event}/filter`, tids.map((tid) => `prev_pid==${tid} || next_pid==${tid}`).join(" || "));
  writeFileSync(`${event}/enable`, "1");
  const deadline = performance.now() + PATIENCE_MS;
  let switches = { to: 0, from: 0 };
  while (switches.to < ENOUGH && performance.now() < deadline) {
    await sleep(200);
    const trace = readFileSync(`${instance}/trace`, "utf8");
    const count = (field) => [...trace.matchAll(new RegExp(`\\b${field}=(${tids.join("|")}) `, "g"))].length;
    switches = { to: count("next_pid"), from: count("prev_pid") };
  }
  writeFileSync(`${event}/enable`, "0");
  console.log(JSON.stringify(switches));
} finally {
  rmdirSync(instance);
}
