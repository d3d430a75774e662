import { deserialize, serialize } from "node:v8";

/** What the host process is started with, as JSON on its command line. */
export interface HostSetup {
  /** The compressed module. */
  readonly packed: string;
  /** SHA-256 of that file, in hexadecimal. */
  readonly sha256: string;
  /** Where the unpacked module is kept between runs. It need not exist or be writable. */
  readonly folder: string;
}

/** One run of the module as a command. */
export interface CommandRequest {
  readonly args: readonly string[];
  /** Its standard input. */
  readonly input: Uint8Array;
  /** The directories whose files it may read, under the same names inside. */
  readonly directories: readonly string[];
}

export type CommandEnd =
  | { readonly kind: "exit"; readonly code: number }
  /** WebAssembly trapped: "unreachable", "memory access out of bounds". */
  | { readonly kind: "trap"; readonly reason: string }
  /** The call stack was not deep enough. */
  | { readonly kind: "stack" };

/** The answer to a request. */
export type HostReply =
  | { readonly kind: "ended"; readonly end: CommandEnd; readonly stdout: Uint8Array; readonly stderr: string }
  /** The module cannot be loaded or made ready. */
  | { readonly kind: "failed"; readonly reason: string };

/** All that the host says: answers, and at any time what is worth a line of -v. */
export type HostMessage = HostReply | { readonly kind: "note"; readonly text: string };

const LENGTH_BYTES = 4;

/** A message as it goes through a pipe: its length, then V8's own serialisation, which takes byte arrays as they are. */
export function encodeFrame(message: CommandRequest | HostMessage): Buffer {
  const body = serialize(message);
  const frame = Buffer.allocUnsafe(LENGTH_BYTES + body.length);
  frame.writeUInt32LE(body.length, 0);
  body.copy(frame, LENGTH_BYTES);
  return frame;
}

/** Puts messages together again from the pieces that a pipe delivers. */
export class FrameReader<T> {
  #pieces: Buffer[] = [];
  #size = 0;

  /** @returns the messages that this piece completes */
  add(piece: Buffer): T[] {
    this.#pieces.push(piece);
    this.#size += piece.length;
    const messages: T[] = [];
    for (let frame = this.#take(); frame !== undefined; frame = this.#take()) messages.push(deserialize(frame) as T);
    return messages;
  }

  #take(): Buffer | undefined {
    if (this.#size < LENGTH_BYTES) return undefined;
    if ((this.#pieces[0] as Buffer).length < LENGTH_BYTES) this.#pieces = [Buffer.concat(this.#pieces)];
    const end = LENGTH_BYTES + (this.#pieces[0] as Buffer).readUInt32LE(0);
    if (this.#size < end) return undefined;
    const all = Buffer.concat(this.#pieces);
    this.#pieces = [all.subarray(end)];
    this.#size -= end;
    return all.subarray(LENGTH_BYTES, end);
  }
}
