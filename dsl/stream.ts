/** Events a host-side reader has not taken yet: beyond this many, new ones are dropped and counted. */
export const MAX_QUEUED_EVENTS = 262_144;

interface Waiter<E> {
  resolve(result: IteratorResult<E, undefined>): void;
}

/** Who wants to know of `for await` loops over a stream. */
export interface ReaderWatch {
  /** The stream's first loop has started. */
  onWaiting(): void;
  /** A loop has ended. */
  onReaderEnded(): void;
}

/**
 * A stream of events from the kernel, as scripts see it: `.on(callback)` or `for await`.
 * The runtime fills it with `deliver` and closes it with `finish`.
 */
export class EventStream<E> implements AsyncIterable<E> {
  readonly #callbacks: ((event: E) => unknown)[] = [];
  /** What async callbacks have not done yet. */
  readonly #atWork = new Set<Promise<unknown>>();
  readonly #lostCallbacks: ((count: number) => void)[] = [];
  readonly #readers = new Set<{ queue: E[]; waiter: Waiter<E> | undefined }>();
  readonly #watch: ReaderWatch | undefined;
  #finished = false;
  #readersSeen = 0;
  #droppedInHost = 0;

  /** @param watch the script it belongs to, which waits for events while loops run */
  constructor(watch?: ReaderWatch) {
    this.#watch = watch;
  }

  /**
   * Calls back for each event, in the order the kernel sent them. An async callback is called for the next event before it is done with
   * this one; at the end of the run it has two seconds to come to its own.
   * @example states.on((e) => console.log(e.pid, e.to));
   */
  on(callback: (event: E) => unknown): this {
    this.#callbacks.push(callback);
    return this;
  }

  /** Calls back with the number of events newly lost before they reached this stream (the ring was full). */
  onLost(callback: (count: number) => void): this {
    this.#lostCallbacks.push(callback);
    return this;
  }

  /** Whether any callback or reader takes events from it. */
  get hasConsumer(): boolean {
    return this.#callbacks.length > 0 || this.#readersSeen > 0;
  }

  /** Readers (`for await` loops) that are still running. */
  get openReaders(): number {
    return this.#readers.size;
  }

  /** Whether callbacks listen: such a script runs until it is stopped. */
  get hasCallbacks(): boolean {
    return this.#callbacks.length > 0;
  }

  /** Events dropped because a `for await` loop was too slow. */
  get droppedInHost(): number {
    return this.#droppedInHost;
  }

  /** For the runtime: hands one event to all consumers. */
  deliver(event: E): void {
    for (const callback of this.#callbacks) {
      const result = callback(event);
      if (result instanceof Promise) this.#keep(result);
    }
    for (const reader of this.#readers) {
      if (reader.waiter !== undefined) {
        const { resolve } = reader.waiter;
        reader.waiter = undefined;
        resolve({ done: false, value: event });
      } else if (reader.queue.length < MAX_QUEUED_EVENTS) reader.queue.push(event);
      else this.#droppedInHost++;
    }
  }

  /** For the runtime: settles when async callbacks have done what they were called for. */
  async settled(): Promise<void> {
    while (this.#atWork.size > 0) await Promise.allSettled(this.#atWork);
  }

  #keep(result: Promise<unknown>): void {
    // What it throws goes on as a rejection that nobody handles, which ends the run.
    const watched = result.finally(() => this.#atWork.delete(watched));
    this.#atWork.add(watched);
  }

  /** For the runtime: tells the consumers that events were lost. */
  reportLost(count: number): void {
    for (const callback of this.#lostCallbacks) callback(count);
  }

  /** For the runtime: no more events will come; `for await` loops end after what is queued. */
  finish(): void {
    this.#finished = true;
    for (const reader of this.#readers) {
      reader.waiter?.resolve({ done: true, value: undefined });
      reader.waiter = undefined;
    }
  }

  [Symbol.asyncIterator](): AsyncIterator<E, undefined> {
    const reader: { queue: E[]; waiter: Waiter<E> | undefined } = { queue: [], waiter: undefined };
    let head = 0;
    this.#readers.add(reader);
    if (this.#readersSeen++ === 0) this.#watch?.onWaiting();
    const end = (): IteratorResult<E, undefined> => {
      if (this.#readers.delete(reader)) this.#watch?.onReaderEnded();
      return { done: true, value: undefined };
    };
    return {
      next: () => {
        if (head < reader.queue.length) {
          const value = reader.queue[head++] as E;
          if (head > 1024 && head * 2 > reader.queue.length) {
            reader.queue.splice(0, head);
            head = 0;
          }
          return Promise.resolve({ done: false, value });
        }
        if (this.#finished) return Promise.resolve(end());
        reader.queue.length = 0;
        head = 0;
        return new Promise((resolve) => {
          reader.waiter = { resolve: (result) => resolve(result.done === true ? end() : result) };
        });
      },
      return: () => Promise.resolve(end()),
    };
  }
}
