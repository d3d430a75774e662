import type { RecordHandler, RingBuffer } from "./ring.js";
import type { Waiter } from "./wait.js";

/** Bounds of one turn of the event loop, so that timers and signals always get theirs. */
const TURN_RECORDS = 50_000;
const TURN_MILLIS = 5;
/** Pauses between drains while events flow: a consumer that keeps up costs the traced system an interrupt per event. */
const SHORTEST_PAUSE = 1;
const LONGEST_PAUSE = 5;
/** After so many drains in a row that found nothing it sleeps until the kernel wakes it. */
const EMPTY_DRAINS_BEFORE_SLEEP = 3;

export interface DeliveryHooks {
  readonly onRecord: RecordHandler;
  /** Asked before each turn: false leaves the records in the ring for now. */
  readonly mayDrain: () => boolean;
  /** After each turn that handed out records, and again before falling asleep. */
  readonly onTurn: (state: "busy" | "falling asleep") => void;
  /** Gets what another hook threw, or why waiting failed. Delivery has halted then. */
  readonly onError: (error: unknown) => void;
}

/**
 * Moves records from the ring to their handler: asleep while there are none, at once for the first after a sleep, in
 * batches with pauses while they flow.
 */
export class Delivery {
  readonly #ring: RingBuffer;
  readonly #waiter: Waiter;
  readonly #hooks: DeliveryHooks;
  #running = false;
  #emptyDrains = EMPTY_DRAINS_BEFORE_SLEEP;
  #pause = SHORTEST_PAUSE;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;

  constructor(ring: RingBuffer, waiter: Waiter, hooks: DeliveryHooks) {
    this.#ring = ring;
    this.#waiter = waiter;
    this.#hooks = hooks;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#immediate = setImmediate(this.#turn);
  }

  /** No record is handed out after this returns. The waiter may still be asleep: waking it is its owner's. */
  halt(): void {
    this.#running = false;
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
  }

  #fail(error: unknown): void {
    this.halt();
    this.#hooks.onError(error);
  }

  readonly #turn = (): void => {
    if (!this.#running) return;
    if (!this.#hooks.mayDrain()) {
      this.#timer = setTimeout(this.#turn, LONGEST_PAUSE);
      return;
    }
    let drained: ReturnType<RingBuffer["drain"]>;
    try {
      drained = this.#ring.drain(TURN_RECORDS, TURN_MILLIS, this.#hooks.onRecord);
      this.#emptyDrains = drained.bytes > 0 ? 0 : this.#emptyDrains + 1;
      if (drained.bytes > 0) this.#hooks.onTurn("busy");
      else if (this.#emptyDrains === EMPTY_DRAINS_BEFORE_SLEEP) this.#hooks.onTurn("falling asleep");
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (!this.#running) return; // a hook stopped it
    const { size } = this.#ring;
    if (!drained.empty || drained.bytes > size / 2) {
      // Behind, or about to be: go on as soon as timers and I/O have had their turn.
      this.#pause = SHORTEST_PAUSE;
      this.#immediate = setImmediate(this.#turn);
      return;
    }
    if (this.#emptyDrains >= EMPTY_DRAINS_BEFORE_SLEEP) {
      this.#pause = SHORTEST_PAUSE;
      this.#sleep();
      return;
    }
    // The pause follows the rate: between drains the ring shall fill to somewhere between a sixteenth and a quarter.
    if (drained.bytes > size / 4) this.#pause = Math.max(SHORTEST_PAUSE, this.#pause >> 1);
    else if (drained.bytes < size / 16) this.#pause = Math.min(LONGEST_PAUSE, this.#pause + 1);
    this.#timer = setTimeout(this.#turn, this.#pause);
  };

  #sleep(): void {
    // No race: the last drain found the ring empty after it had published its position, so the next record wakes epoll,
    // and a record that came in between makes epoll_wait return at once (it is level-triggered).
    this.#waiter.wait().then(
      () => {
        this.#emptyDrains = 0;
        this.#turn();
      },
      (error: unknown) => {
        if (this.#running) this.#fail(error);
      },
    );
  }
}
