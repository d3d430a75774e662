import { nameOf, refuseDeclaration, TYPE_HINT } from "./declaration-error.js";
import { declaringScript } from "./script.js";
import { coerce, isScalarName } from "./shape.js";
import { EventStream, type ReaderWatch } from "./stream.js";
import type { ScalarName, ValueOf } from "./types.js";

export type EventShape = { readonly [field: string]: ScalarName };

const channels = new WeakSet<object>();

/** A named stream of events that handlers fill with `emit`: for several events from one run, or one stream fed by several probes. */
export class EventChannel<S extends EventShape> extends EventStream<ValueOf<S>> {
  readonly shape: S;

  constructor(shape: S, watch: ReaderWatch) {
    super(watch);
    this.shape = Object.freeze({ ...shape });
    channels.add(this);
  }

  /** Sends one event (bpf_ringbuf_reserve, bpf_ringbuf_submit). Without room in the ring it is lost; that is counted and shown. */
  emit(event: ValueOf<S>): void {
    this.deliver(coerce(this.shape, event) as ValueOf<S>);
  }
}

/** Whether a value is a channel made by `event`. */
export function isChannel(value: unknown): value is EventChannel<EventShape> {
  return typeof value === "object" && value !== null && channels.has(value);
}

/**
 * Declares an event channel.
 * @example
 * const drops = event({ pid: "u32", bytes: "u64" });
 * tracepoint("skb:kfree_skb", (ctx) => { drops.emit({ pid: pid(), bytes: 0n }); });
 */
export function event<const S extends EventShape>(shape: S): EventChannel<S> {
  if (Object.keys(shape).length === 0)
    refuseDeclaration("event(): the channel has no fields", 'name them and their types: event({ pid: "u32", bytes: "u64" })');
  for (const [name, type] of Object.entries(shape))
    if (!isScalarName(type)) refuseDeclaration(`event(): the field ${name} cannot have the type ${nameOf(type)}`, TYPE_HINT);
  const script = declaringScript();
  const channel = new EventChannel(shape, script);
  script.streams.push(channel as unknown as EventStream<never>);
  return channel;
}
