import { declaringScript } from "./script.js";
import { EventStream } from "./stream.js";

/** A stream that the host part fills, with what it has computed. */
export class HostRows<T> extends EventStream<T> {
  readonly #show: (row: T) => boolean;

  /** @param name what JSON and tables call it */
  constructor(
    readonly name: string,
    show: (row: T) => boolean,
  ) {
    super();
    this.#show = show;
  }

  /**
   * Shows a row in the tables of this stream, and hands it to callbacks and loops. Once the probes are attached. Where somebody takes it,
   * it is one of the run's events; beyond those of `--events` nothing happens.
   */
  push(row: T): void {
    if (this.#show(row)) this.deliver(row);
  }
}

/**
 * A stream of the host's own rows: readings of maps, totals, what was computed from several events. With `table` it is shown in
 * each format, like the events of a probe.
 * @param name what JSON and tables call it
 * @example
 * const readings = rows<{ open: number }>("readings");
 * table(readings, ["open"]);
 * every("1s", () => readings.push({ open: sockets.size }));
 */
export function rows<T extends object>(name: string): HostRows<T> {
  const script = declaringScript();
  const stream = script.streams.length;
  const made = new HostRows<T>(name, (row) => script.onRow(stream, row));
  script.streams.push(made as unknown as EventStream<never>);
  return made;
}
