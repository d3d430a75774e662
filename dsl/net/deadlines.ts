/**
 * When things end by themselves, to the second: a wheel, so that setting, changing and taking cost the same however many there are
 * (as the kernel's own, kernel/time/timer.c).
 */
export class Deadlines<T extends object> {
  /** By second. What has got another deadline since stays here too, until that second comes. */
  readonly #slots = new Map<number, T[]>();
  readonly #seconds = new WeakMap<T, number>();
  /** All up to it have been taken. */
  #taken: number | undefined;

  /** @param at in milliseconds, rounded up to a second; undefined: none any more */
  set(item: T, at: number | undefined): void {
    if (at === undefined) {
      this.#seconds.delete(item);
      return;
    }
    const second = Math.max(Math.ceil(at / 1000), (this.#taken ?? 0) + 1);
    if (this.#seconds.get(item) === second) return;
    this.#seconds.set(item, second);
    const slot = this.#slots.get(second);
    if (slot === undefined) this.#slots.set(second, [item]);
    else slot.push(item);
  }

  /** Those whose deadline has come; they have none any more. */
  take(now: number): T[] {
    const until = Math.floor(now / 1000);
    if (this.#taken === until || this.#slots.size === 0) return [];
    const due: T[] = [];
    // From the first second on; afterwards only those since the last time.
    for (let second = (this.#taken ?? Math.min(...this.#slots.keys()) - 1) + 1; second <= until; second++) {
      for (const item of this.#slots.get(second) ?? [])
        if (this.#seconds.get(item) === second) {
          this.#seconds.delete(item);
          due.push(item);
        }
      this.#slots.delete(second);
    }
    this.#taken = until;
    return due;
  }
}
