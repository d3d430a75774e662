import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { ElfError } from "./error.js";

/** Bytes of a file, read piece by piece: programs are large, and of most files a few kilobytes are needed. */
export interface ByteSource {
  readonly size: number;
  /** A copy of a range, at offset 0 of its own memory. @throws ElfError when it is not wholly inside the file */
  read(offset: number, length: number): Buffer;
  close(): void;
}

/** More than any table of a real program; keeps damaged headers from asking for all memory. */
const LONGEST_READ = 1 << 30;

function checkRange(size: number, offset: number, length: number): void {
  if (!(offset >= 0 && length >= 0 && length <= LONGEST_READ && offset + length <= size))
    throw new ElfError(`the file is damaged: ${length} bytes at ${offset} are not in its ${size} bytes`);
}

/** Opens a regular file for reading. @throws the system's error when it cannot be opened, ElfError when it is no regular file */
export function openFileSource(path: string): ByteSource {
  // O_NONBLOCK: the path may come from another process, and opening a FIFO would wait for a writer.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const stat = fstatSync(fd);
  if (!stat.isFile()) {
    closeSync(fd);
    throw new ElfError("not a regular file");
  }
  let isOpen = true;
  return {
    size: stat.size,
    read(offset, length) {
      if (!isOpen) throw new ElfError("the file was closed before this part was read");
      checkRange(stat.size, offset, length);
      const bytes = Buffer.allocUnsafeSlow(length);
      for (let done = 0; done < length; ) {
        const count = readSync(fd, bytes, done, length - done, offset + done);
        if (count === 0) throw new ElfError("the file became shorter while it was read");
        done += count;
      }
      return bytes;
    },
    close() {
      if (isOpen) closeSync(fd);
      isOpen = false;
    },
  };
}

/** Bytes that are in memory already, such as a vDSO's. */
export function memorySource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.byteLength,
    read(offset, length) {
      checkRange(bytes.byteLength, offset, length);
      const copy = Buffer.allocUnsafeSlow(length);
      copy.set(bytes.subarray(offset, offset + length));
      return copy;
    },
    close() {},
  };
}
