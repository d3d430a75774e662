/** Who wants to know that a map had no room: `onFull`. */
export class FullWatch {
  readonly #callbacks: ((count: number) => void)[] = [];

  add(callback: (count: number) => void): void {
    this.#callbacks.push(callback);
  }

  get isWatched(): boolean {
    return this.#callbacks.length > 0;
  }

  tell(count: number): void {
    for (const callback of this.#callbacks) callback(count);
  }
}
