import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { collect } from "./harness/collect.js";
import { onOwnCall, ownCall } from "./harness/own-call.js";
import { describeWhere, requireFile, requireRoot } from "./harness/requirements.js";

const needs = [requireRoot, requireFile("/sys/kernel/btf/vmlinux")];

/** CLOCK_MONOTONIC and CLOCK_BOOTTIME, in nanoseconds. */
const monotonic = () => process.hrtime.bigint();
const boot = () => BigInt(Math.round(Number((readFileSync("/proc/uptime", "utf8").split(" ") as [string])[0]) * 1e9));

describeWhere(needs, "the clocks of handlers", () => {
  test("are those of the host", async () => {
    const before: bigint[] = [];
    const after: bigint[] = [];
    const { streams } = await collect(
      onOwnCall("bootNs, ktimeNs, wallNs", "return { ktime: ktimeNs(), boot: bootNs(), wall: wallNs() };"),
      async () => {
        before.push(monotonic(), boot(), BigInt(Date.now()) * 1_000_000n);
        ownCall();
        after.push(monotonic(), boot(), BigInt(Date.now()) * 1_000_000n);
      },
    );
    const [event] = streams[0] as [{ ktime: bigint; boot: bigint; wall: bigint }];
    // /proc/uptime has hundredths of a second, Date.now() thousandths.
    const slack = [0n, 10_000_000n, 1_000_000n];
    [event.ktime, event.boot, event.wall].forEach((time, i) => {
      expect(time).toBeGreaterThanOrEqual((before[i] as bigint) - (slack[i] as bigint));
      expect(time).toBeLessThanOrEqual((after[i] as bigint) + (slack[i] as bigint));
    });
  });

  test("go on between two readings", async () => {
    const { streams } = await collect(
      onOwnCall(
        "bootNs, ktimeNs, wallNs",
        `const a = [ktimeNs(), bootNs(), wallNs()]; const b = [ktimeNs(), bootNs(), wallNs()];
  return { later: b[0] >= a[0] && b[1] >= a[1] && b[2] >= a[2], took: b[0] - a[0] };`,
      ),
      async () => ownCall(),
    );
    expect(streams[0]).toEqual([{ later: true, took: expect.any(BigInt) }]);
  });
});
