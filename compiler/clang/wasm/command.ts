import { accessSync, closeSync, constants, openSync } from "node:fs";
import { WASI } from "node:wasi";
import type { CommandEnd, CommandRequest } from "./protocol.js";
import { type WasmMemory, type WasmModule, wasm } from "./webassembly.js";

/** What a run of the module did. */
export interface CommandRun {
  readonly end: CommandEnd;
  readonly stdout: Uint8Array;
  readonly stderr: string;
}

/** More message text than this helps nobody. */
const MESSAGE_LIMIT = 1024 * 1024;

/** WASI's errno for a seek on a pipe. */
const ESPIPE = 70;

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;

type WasiFunction = (...args: never[]) => unknown;

/** Calls `visit` with each of the buffers that an array of WASI iovecs names. */
function eachBuffer(memory: WasmMemory, vectors: number, count: number, visit: (bytes: Uint8Array) => void): void {
  const view = new DataView(memory.buffer);
  for (let index = 0; index < count; index++) {
    const at = vectors + 8 * index;
    visit(new Uint8Array(memory.buffer, view.getUint32(at, true), view.getUint32(at + 4, true)));
  }
}

/** Standard input, output and error in memory: no temporary file holds the C text or the object. */
class StandardStreams {
  readonly #input: Uint8Array;
  #read = 0;
  readonly #output: Buffer[] = [];
  readonly #errors: Buffer[] = [];
  #errorBytes = 0;

  constructor(input: Uint8Array) {
    this.#input = input;
  }

  read(memory: WasmMemory, vectors: number, count: number): number {
    const before = this.#read;
    eachBuffer(memory, vectors, count, (bytes) => {
      const piece = this.#input.subarray(this.#read, this.#read + bytes.length);
      bytes.set(piece);
      this.#read += piece.length;
    });
    return this.#read - before;
  }

  write(fd: number, memory: WasmMemory, vectors: number, count: number): number {
    let written = 0;
    eachBuffer(memory, vectors, count, (bytes) => {
      written += bytes.length;
      if (fd === STDOUT) this.#output.push(Buffer.from(bytes));
      else if (this.#errorBytes < MESSAGE_LIMIT) {
        this.#errors.push(Buffer.from(bytes));
        this.#errorBytes += bytes.length;
      }
    });
    return written;
  }

  get stdout(): Uint8Array {
    return Buffer.concat(this.#output);
  }

  get stderr(): string {
    return Buffer.concat(this.#errors).toString("utf8");
  }
}

/** A directory that cannot be opened refuses the whole start: then its files stay unread, which clang tolerates. */
function canBeOpened(directory: string): boolean {
  try {
    closeSync(openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY));
    accessSync(directory, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Runs a WASI command once. Every import is a plain function: when WebAssembly calls Node 20's own functions directly, V8 takes
 * them for "fast API calls", in which it may not collect garbage, while their accounting of memory can start a collection: the
 * process then crashes, usually at the fourth run.
 */
export function runCommand(module: WasmModule, request: CommandRequest): CommandRun {
  const directories = request.directories.filter(canBeOpened);
  const wasi = new WASI({
    version: "preview1",
    args: [...request.args],
    env: {},
    preopens: Object.fromEntries(directories.map((directory) => [directory, directory])),
    returnOnExit: true,
  });
  const streams = new StandardStreams(request.input);
  const own = (wasi.getImportObject() as { wasi_snapshot_preview1: Record<string, WasiFunction> }).wasi_snapshot_preview1;
  const wrapped: Record<string, WasiFunction> = {};
  for (const [name, call] of Object.entries(own)) wrapped[name] = (...args) => call(...args);
  const original = { ...wrapped } as Record<string, (...args: unknown[]) => unknown>;
  let memory: WasmMemory;
  const report = (at: number, count: number) => {
    new DataView(memory.buffer).setUint32(at, count, true);
    return 0;
  };
  wrapped.fd_read = (fd: number, vectors: number, count: number, result: number) =>
    fd === STDIN ? report(result, streams.read(memory, vectors, count)) : original.fd_read?.(fd, vectors, count, result);
  wrapped.fd_write = (fd: number, vectors: number, count: number, result: number) =>
    fd === STDOUT || fd === STDERR
      ? report(result, streams.write(fd, memory, vectors, count))
      : original.fd_write?.(fd, vectors, count, result);
  // Else clang, seeing that it can seek (whatever this process's own streams are), would go back to complete the ELF header.
  wrapped.fd_seek = (fd: number, ...rest: unknown[]) => (fd <= STDERR ? ESPIPE : original.fd_seek?.(fd, ...rest));
  const instance = new wasm.Instance(module, { wasi_snapshot_preview1: wrapped });
  memory = instance.exports.memory as WasmMemory;
  const end = endOf(() => wasi.start(instance) as unknown as number);
  return { end, stdout: streams.stdout, stderr: streams.stderr };
}

/** clang's own depth stays far below, but where the source is nested hundreds of times. */
const DEEP_FRAMES = 1000;

/**
 * V8's stack is at its end: RangeError. The module has a second stack, in its memory from address 0 up to 8 MiB, for what has an
 * address: at its end an access below 0 traps as any wrong access does, but with a great many frames of WebAssembly above it.
 */
function isStackExhausted(error: Error): boolean {
  if (error instanceof RangeError) return true;
  const frames = error.stack?.match(/wasm-function\[/g)?.length ?? 0;
  return error.message === "memory access out of bounds" && frames >= DEEP_FRAMES;
}

function endOf(start: () => number): CommandEnd {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = DEEP_FRAMES;
  try {
    return { kind: "exit", code: start() };
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof wasm.RuntimeError)) throw error;
    return isStackExhausted(error) ? { kind: "stack" } : { kind: "trap", reason: error.message };
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
