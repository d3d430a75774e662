import { STACK_RECORD } from "../compiler/program.js";
import type { EventStream } from "../dsl/stream.js";
import type { EventDecoder, RingMemory } from "./decode.js";
import { internalError } from "./internal-error.js";
import type { RingBuffer } from "./ring.js";
import type { SessionInput } from "./session-input.js";
import type { SymbolValues } from "./symbols/values.js";

/** Each record begins with the u64 index of its layout. */
const ID_BYTES = 8;

/** Makes events of the ring's records and hands them to their streams; counts them. */
export class Receiver {
  /** Events handed to each stream. */
  readonly delivered: number[];
  readonly #decoders: readonly EventDecoder[];
  readonly #streams: readonly EventStream<never>[];
  /** By layout: looked up for every record. */
  readonly #streamOf: readonly number[];
  readonly #onEvent: SessionInput["onEvent"];
  readonly #symbols: SymbolValues;
  /** What decoders read. */
  readonly #memory: RingMemory;
  #discarding = false;
  #discarded = 0;

  constructor(
    { program, streams, decoders, onEvent }: Pick<SessionInput, "program" | "streams" | "decoders" | "onEvent">,
    ring: RingBuffer | undefined,
    symbols: SymbolValues,
  ) {
    this.#decoders = decoders;
    this.#streams = streams;
    this.#streamOf = program.events.map(({ stream }) => stream);
    this.#onEvent = onEvent;
    this.#symbols = symbols;
    const { bytes = new Uint8Array(), view = new DataView(new ArrayBuffer(0)) } = ring ?? {};
    this.#memory = { bytes, view, symbols };
    this.delivered = streams.map(() => 0);
  }

  /** Events that arrived and were not handed on. */
  get discarded(): number {
    return this.#discarded;
  }

  /** From now on nothing is handed on. */
  discard(): void {
    this.#discarding = true;
  }

  /** Takes a record at this place of the ring's memory. */
  readonly onRecord = (offset: number): void => {
    const { view } = this.#memory;
    const id = view.getUint32(offset, true);
    if (id === STACK_RECORD) {
      this.#symbols.receive(view, offset + ID_BYTES);
      return;
    }
    if (this.#discarding) {
      this.#discarded++;
      return;
    }
    const decode = this.#decoders[id];
    const stream = this.#streamOf[id];
    if (decode === undefined || stream === undefined) throw internalError(`the kernel sent an event of unknown kind ${id}`);
    const event = decode(this.#memory, offset + ID_BYTES);
    if (this.#onEvent?.(stream, event) === false) {
      this.#discarding = true;
      this.#discarded++;
      return;
    }
    (this.delivered[stream] as number)++;
    (this.#streams[stream] as EventStream<never>).deliver(event as never);
  };
}
