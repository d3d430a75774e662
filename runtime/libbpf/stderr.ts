import { closeSync, fstatSync, readSync } from "node:fs";
import { libc } from "../ffi/libc.js";

const STDERR = 2;
const MFD_CLOEXEC = 1;

/** What a function returned and what native code wrote to file descriptor 2 meanwhile. */
export interface Captured<T> {
  readonly value: T;
  readonly text: string;
}

function readAll(fd: number): string {
  const bytes = Buffer.alloc(fstatSync(fd).size);
  const length = bytes.length === 0 ? 0 : readSync(fd, bytes, 0, bytes.length, 0);
  return bytes.toString("utf8", 0, length);
}

/**
 * Runs a function with file descriptor 2 turned to a memory file. libbpf explains its failures there, through a callback
 * that gets a va_list and so cannot be a JavaScript function; turning the descriptor keeps the text and the terminal clean.
 * The function must be synchronous: then no JavaScript of this thread can write to stderr meanwhile.
 * If it throws, so does this, and the text is written where it was going.
 */
export function captureStderr<T>(run: () => T): Captured<T> {
  const memory = libc.memfdCreate("tsprobe-stderr", MFD_CLOEXEC);
  if (memory < 0) return { value: run(), text: "" };
  const saved = libc.dup(STDERR);
  libc.dup2(memory, STDERR);
  const restore = () => {
    if (saved < 0)
      libc.close(STDERR); // it was closed before
    else {
      libc.dup2(saved, STDERR);
      libc.close(saved);
    }
  };
  let value: T;
  try {
    value = run();
  } catch (error) {
    restore();
    const text = readAll(memory);
    closeSync(memory);
    if (text !== "" && saved >= 0) process.stderr.write(text);
    throw error;
  }
  restore();
  const text = readAll(memory);
  closeSync(memory);
  return { value, text };
}
