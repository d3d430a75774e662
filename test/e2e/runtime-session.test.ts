import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import type { Session, SessionSummary } from "../../runtime/session.js";
import { GETPGID, GETSID } from "../fixtures/bpf/calls.js";
import { CANNOT_TRACE, Caller, FIRST_ARGUMENT, getpgid, getsid, traceCalls, waitUntil } from "../fixtures/bpf/tracing.js";

let session: Session | undefined;
afterEach(async () => {
  await session?.stop();
  session = undefined;
});

function begin(options: Parameters<typeof traceCalls>[0] = {}) {
  const traced = traceCalls(options);
  session = traced.session;
  session.attach();
  session.start();
  return traced;
}

function callTimes(times: number): void {
  for (let index = 0; index < times; index++) getpgid(FIRST_ARGUMENT + index);
}

/** calls.c counts what it saw itself in its third counter. */
function countersOf(summary: SessionSummary): { lost: number; seen: number } {
  return { lost: Number(summary.counters[0]?.count), seen: Number(summary.counters[2]?.count) };
}

const upTo = (times: number) => Array.from({ length: times }, (_, index) => FIRST_ARGUMENT + index);

describe.skipIf(CANNOT_TRACE !== undefined)("a session", () => {
  test("delivers every call once and in order", async () => {
    const { session, calls } = begin();
    const got: number[] = [];
    calls.on((event) => got.push(event.argument));
    for (let round = 0; round < 50; round++) {
      for (let index = 0; index < 200; index++) getpgid(FIRST_ARGUMENT + round * 200 + index);
      await sleep(round % 5);
    }
    await waitUntil(() => got.length >= 10_000);
    const summary = await session.stop();
    expect(got).toEqual(upTo(10_000));
    expect(summary.delivered).toEqual([10_000, 0]);
    expect(summary.discarded).toBe(0);
    expect(countersOf(summary)).toEqual({ lost: 0, seen: 10_000 });
    expect(summary.missedRuns).toEqual([{ probe: GETPGID, count: 0n }]);
    expect(session.delivered).toBe(10_000);
  });

  test("delivers the first event after a silence at once", async () => {
    const { calls } = begin();
    let arrived = 0;
    calls.on(() => {
      arrived = performance.now();
    });
    const delays: number[] = [];
    for (let round = 0; round < 12; round++) {
      await sleep(60); // long enough to have fallen asleep
      arrived = 0;
      const sent = performance.now();
      getpgid(FIRST_ARGUMENT);
      await waitUntil(() => arrived !== 0);
      delays.push(arrived - sent);
    }
    console.log(`from call to callback when idle, ms: ${delays.map((delay) => delay.toFixed(2)).join(" ")}`);
    // The machine may be busy, so the median decides: a poll timer would show in it, a moment without a CPU does not.
    expect(delays.sort((a, b) => a - b)[delays.length >> 1]).toBeLessThan(200);
  });

  test("delivers what is in the ring at the end without another turn", async () => {
    const { session, calls } = begin();
    const got: number[] = [];
    calls.on((event) => got.push(event.argument));
    await sleep(20);
    callTimes(3000);
    const summary = await session.stop();
    expect(got).toEqual(upTo(3000));
    expect(summary.delivered[0]).toBe(3000);
    callTimes(10); // detached
    await sleep(20);
    expect(got.length).toBe(3000);
  });

  test("a full ring: delivered and lost are exactly what was called", async () => {
    const { session, calls } = begin({ ringBytes: 4096 });
    const got: number[] = [];
    const reported: number[] = [];
    calls.on((event) => got.push(event.argument));
    calls.onLost((count) => reported.push(count));
    await sleep(20);
    callTimes(2000); // this thread is the consumer: it cannot drain meanwhile
    await waitUntil(() => got.length > 0 && reported.length > 0);
    expect(got).toEqual(upTo(4096 / 40)); // 8 bytes of header and 32 of record
    const summary = await session.stop();
    expect(countersOf(summary)).toEqual({ lost: 2000 - got.length, seen: 2000 });
    expect(reported.reduce((sum, count) => sum + count)).toBe(2000 - got.length);
    expect(summary.delivered[0]).toBe(got.length);
  });

  test("a small ring that is kept up with: records around its end arrive whole", async () => {
    const { session, calls } = begin({ ringBytes: 4096, mark: 0xfedc_ba98_7654_3211n });
    const got: number[] = [];
    let wrong = 0;
    let time = 0n;
    calls.on((event) => {
      got.push(event.argument);
      if (event.mark !== 0xfedc_ba98_7654_3211n || event.time <= time) wrong++;
      time = event.time;
    });
    for (let sent = 0; sent < 5000; sent += 50) {
      for (let index = 0; index < 50; index++) getpgid(FIRST_ARGUMENT + sent + index);
      await waitUntil(() => got.length === sent + 50);
    }
    expect(got).toEqual(upTo(5000));
    expect(wrong).toBe(0);
    expect(countersOf(await session.stop())).toEqual({ lost: 0, seen: 5000 });
  });

  test("two streams keep the order between them, also with given-back records among theirs", async () => {
    const { calls, sessions } = begin({ probes: [GETPGID, GETSID] });
    const got: string[] = [];
    calls.on((event) => got.push(`p${event.argument - FIRST_ARGUMENT}`));
    sessions.on((event) => got.push(`s${event.argument - FIRST_ARGUMENT}`));
    const expected: string[] = [];
    for (let index = 0; index < 1000; index++) {
      const session = index % 3 === 0;
      (session ? getsid : getpgid)(FIRST_ARGUMENT + index);
      expected.push(`${session ? "s" : "p"}${index}`);
    }
    await waitUntil(() => got.length >= 1000);
    expect(got).toEqual(expected);
  });

  test("options reach the kernel: another process's calls are not ours", async () => {
    const caller = new Caller();
    const { calls, session } = begin({ pid: caller.pid, mark: 7n });
    const marks = new Set<bigint>();
    calls.on((event) => marks.add(event.mark));
    callTimes(100);
    await caller.call(250);
    const summary = await session.stop();
    await caller.end();
    expect(summary.delivered[0]).toBe(250);
    expect([...marks]).toEqual([7n]);
  });
});

describe.skipIf(CANNOT_TRACE !== undefined)("under a flood", () => {
  test("timers run, stop is quick, and every call is accounted for", async () => {
    const caller = new Caller();
    try {
      const { session, calls } = begin({ pid: caller.pid, ringBytes: 1 << 20 });
      let last = -1;
      let disorder = 0;
      calls.on((event) => {
        if (event.argument <= last) disorder++;
        last = event.argument;
      });
      let longestGap = 0;
      let ticked = performance.now();
      const timer = setInterval(() => {
        longestGap = Math.max(longestGap, performance.now() - ticked);
        ticked = performance.now();
      }, 10);
      void caller.call(1_000_000_000).catch(() => {});
      await sleep(1500);
      clearInterval(timer);
      const delivered = session.delivered;
      const began = performance.now();
      const summary = await session.stop();
      const stopMs = performance.now() - began;
      const { lost, seen } = countersOf(summary);
      console.log(
        `flood: ${Math.round(delivered / 1.5)} events/s delivered, ${lost} lost of ${seen}, longest timer gap ${longestGap.toFixed(0)} ms, stop ${stopMs.toFixed(0)} ms`,
      );
      expect(delivered).toBeGreaterThan(20_000);
      expect(longestGap).toBeLessThan(1_000);
      expect(stopMs).toBeLessThan(4_000);
      expect((summary.delivered[0] as number) + summary.discarded + lost).toBe(seen);
      expect(disorder).toBe(0);
    } finally {
      await caller.end();
    }
  });

  test("a callback slower than the flood is cut off at the end, and the rest is counted", async () => {
    const caller = new Caller();
    try {
      const { session, calls } = begin({ pid: caller.pid, ringBytes: 1 << 20 });
      calls.on(() => {
        for (const until = performance.now() + 0.2; performance.now() < until; );
      });
      await caller.call(40_000);
      const began = performance.now();
      const summary = await session.stop();
      expect(performance.now() - began).toBeLessThan(4_500); // calling back for all of it would take more than 5 s
      const { lost, seen } = countersOf(summary);
      expect(seen).toBe(40_000);
      expect(summary.discarded).toBeGreaterThan(0);
      expect((summary.delivered[0] as number) + summary.discarded + lost).toBe(seen);
    } finally {
      await caller.end();
    }
  });
});

describe.skipIf(CANNOT_TRACE !== undefined)("ends early", () => {
  test("a patient end delivers all of it, until it is hurried", async () => {
    for (const hurried of [false, true]) {
      const caller = new Caller();
      try {
        const { session, calls } = begin({ pid: caller.pid, ringBytes: 1 << 20 });
        calls.on(() => {
          for (const until = performance.now() + 0.5; performance.now() < until; );
        });
        await caller.call(4_000); // two seconds of calling back
        const hurry = new AbortController();
        if (hurried) setTimeout(() => hurry.abort(), 50);
        const summary = await session.stop(hurry.signal);
        const { lost, seen } = countersOf(summary);
        expect(seen).toBe(4_000);
        expect(lost).toBe(0);
        if (hurried) expect(summary.discarded).toBeGreaterThan(0);
        else expect(summary.discarded).toBe(0);
        expect((summary.delivered[0] as number) + summary.discarded).toBe(seen);
      } finally {
        await caller.end();
      }
    }
  });

  test("an end that was hurried from the start still delivers what comes at once", async () => {
    const caller = new Caller();
    try {
      const { session } = begin({ pid: caller.pid, ringBytes: 1 << 20 });
      await caller.call(4_000);
      const summary = await session.stop(AbortSignal.abort());
      expect(summary.discarded).toBe(0);
      expect(summary.delivered[0]).toBe(4_000);
    } finally {
      await caller.end();
    }
  });

  test("onEvent says when it is enough: that event and later ones are discarded", async () => {
    let asked = 0;
    const { session, calls } = begin({ onEvent: (stream) => stream === 0 && ++asked <= 5 });
    const got: number[] = [];
    calls.on((event) => got.push(event.argument));
    callTimes(100);
    await waitUntil(() => got.length === 5);
    callTimes(20);
    const summary = await session.stop();
    expect(got).toEqual(upTo(5));
    expect(asked).toBe(6);
    expect(summary.delivered).toEqual([5, 0]);
    expect(summary.discarded).toBe(115);
  });

  test("what a callback throws reaches the caller, and the session stops in order", async () => {
    const errors: unknown[] = [];
    const { session, calls } = begin({ onCallbackError: (error) => errors.push(error) });
    const mine = new Error("mine");
    const got: number[] = [];
    calls.on((event) => {
      got.push(event.argument);
      if (got.length === 3) throw mine;
    });
    callTimes(10);
    await waitUntil(() => errors.length > 0);
    callTimes(10);
    const summary = await session.stop();
    expect(errors).toEqual([mine]);
    expect(got).toEqual(upTo(3));
    expect(summary.discarded).toBe(17);
  });

  test("an exception during the last drain surfaces too", async () => {
    const errors: unknown[] = [];
    const { session, calls } = begin({ onCallbackError: (error) => errors.push(error) });
    calls.on(() => {
      throw new Error("late");
    });
    await sleep(20);
    callTimes(10);
    const summary = await session.stop();
    expect(errors).toHaveLength(1);
    expect(summary.discarded).toBe(9);
  });

  test("for await ends when the session does, and stop can be called twice", async () => {
    const { session, calls } = begin();
    const got: number[] = [];
    const reading = (async () => {
      for await (const event of calls) got.push(event.argument);
    })();
    callTimes(5);
    await sleep(20);
    const [first, second] = await Promise.all([session.stop(), session.stop()]);
    await reading;
    expect(got).toEqual(upTo(5));
    expect(second).toBe(first);
  });
});
