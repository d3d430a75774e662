import { beforeEach, describe, expect, test, vi } from "vitest";
import { EventStream, MAX_QUEUED_EVENTS } from "../../../dsl/stream.js";

let stream: EventStream<number>;
const watch = { onWaiting: vi.fn(), onReaderEnded: vi.fn() };
beforeEach(() => {
  vi.clearAllMocks();
  stream = new EventStream<number>(watch);
});

async function readAll(): Promise<number[]> {
  const seen: number[] = [];
  for await (const event of stream) seen.push(event);
  return seen;
}

describe("callbacks", () => {
  test("each gets every event, in order", () => {
    const seen: string[] = [];
    stream.on((e) => seen.push(`a${e}`)).on((e) => seen.push(`b${e}`));
    stream.deliver(1);
    stream.deliver(2);
    expect(seen).toEqual(["a1", "b1", "a2", "b2"]);
  });

  test("losses go to onLost only", () => {
    const events = vi.fn();
    const lost = vi.fn();
    stream.on(events).onLost(lost);
    stream.reportLost(7);
    expect(lost.mock.calls).toEqual([[7]]);
    expect(events).not.toHaveBeenCalled();
  });

  test("they are consumers; onLost is not", () => {
    stream.onLost(() => {});
    expect([stream.hasConsumer, stream.hasCallbacks]).toEqual([false, false]);
    stream.on(() => {});
    expect([stream.hasConsumer, stream.hasCallbacks]).toEqual([true, true]);
  });

  test("what a callback throws reaches the runtime", () => {
    stream.on(() => {
      throw new RangeError("no");
    });
    expect(() => stream.deliver(1)).toThrow(RangeError);
  });
});

describe("for await", () => {
  test("tells the script that it waits, once, when it begins", async () => {
    expect(watch.onWaiting).not.toHaveBeenCalled();
    const loops = [readAll(), readAll()];
    expect(watch.onWaiting).toHaveBeenCalledTimes(1);
    stream.finish();
    await Promise.all(loops);
  });

  test("gets events that come while it waits and while it works", async () => {
    const loop = readAll();
    stream.deliver(1);
    stream.deliver(2);
    await Promise.resolve();
    stream.deliver(3);
    stream.finish();
    expect(await loop).toEqual([1, 2, 3]);
  });

  test("what is queued comes before the end", async () => {
    const iterator = stream[Symbol.asyncIterator]();
    for (const event of [1, 2]) stream.deliver(event);
    stream.finish();
    expect([await iterator.next(), await iterator.next(), await iterator.next()]).toEqual([
      { done: false, value: 1 },
      { done: false, value: 2 },
      { done: true, value: undefined },
    ]);
  });

  test("a loop that begins after the end ends at once", async () => {
    stream.finish();
    expect(await readAll()).toEqual([]);
  });

  test("break closes the reader, and the script is told", async () => {
    const loop = (async () => {
      for await (const event of stream) if (event === 2) break;
    })();
    for (const event of [1, 2, 3]) stream.deliver(event);
    await loop;
    expect(stream.openReaders).toBe(0);
    expect(watch.onReaderEnded).toHaveBeenCalledTimes(1);
    stream.deliver(4);
    expect(stream.droppedInHost).toBe(0);
  });

  test("two loops see the same events", async () => {
    const loops = [readAll(), readAll()];
    for (const event of [1, 2, 3]) stream.deliver(event);
    stream.finish();
    expect(await Promise.all(loops)).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
  });

  test("keeps order over many events and uneven reading", async () => {
    const iterator = stream[Symbol.asyncIterator]();
    let next = 0;
    for (let i = 0; i < 10_000; i++) {
      stream.deliver(i);
      if (i % 3 === 0) expect((await iterator.next()).value).toBe(next++);
    }
    stream.finish();
    for (; next < 10_000; next++) expect((await iterator.next()).value).toBe(next);
    expect((await iterator.next()).done).toBe(true);
  });

  test("a reader that does not read holds a limited number of events, and the rest is counted", async () => {
    const iterator = stream[Symbol.asyncIterator]();
    for (let i = 0; i < MAX_QUEUED_EVENTS + 5; i++) stream.deliver(i);
    expect(stream.droppedInHost).toBe(5);
    expect((await iterator.next()).value).toBe(0);
  });
});
