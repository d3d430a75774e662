import { ElfError } from "./error.js";
import { type ElfHeader, readWord } from "./header.js";
import type { ByteSource } from "./source.js";

/** A program header: what is mapped where when the file runs. */
export interface ElfSegment {
  /** p_type, one of SegmentType or another number. */
  readonly type: number;
  readonly isExecutable: boolean;
  readonly isWritable: boolean;
  readonly fileOffset: number;
  readonly virtualAddress: number;
  readonly fileSize: number;
  readonly memorySize: number;
  readonly alignment: number;
}

export const SegmentType = { LOAD: 1, DYNAMIC: 2, INTERPRETER: 3, NOTE: 4 } as const;

export function readSegments(source: ByteSource, header: ElfHeader): readonly ElfSegment[] {
  const { offset, entrySize, count } = header.segments;
  if (count === 0) return [];
  if (entrySize < (header.bits === 64 ? 56 : 32)) throw new ElfError(`program headers of ${entrySize} bytes`);
  const table = source.read(offset, entrySize * count);
  return Array.from({ length: count }, (_, index) => {
    const at = index * entrySize;
    const flags = table.readUInt32LE(at + (header.bits === 64 ? 4 : 24));
    const rights = { isExecutable: (flags & 1) !== 0, isWritable: (flags & 2) !== 0 };
    const type = table.readUInt32LE(at);
    if (header.bits === 64) {
      return {
        type,
        ...rights,
        fileOffset: readWord(table, at + 8),
        virtualAddress: readWord(table, at + 16),
        fileSize: readWord(table, at + 32),
        memorySize: readWord(table, at + 40),
        alignment: readWord(table, at + 48),
      };
    }
    const word = (index: number) => table.readUInt32LE(at + index * 4);
    return {
      type,
      ...rights,
      fileOffset: word(1),
      virtualAddress: word(2),
      fileSize: word(4),
      memorySize: word(5),
      alignment: word(7),
    };
  });
}

/** Where in the file the byte of a virtual address is; undefined when no segment of the file holds it. */
export function fileOffsetOf(segments: readonly ElfSegment[], virtualAddress: number): number | undefined {
  const segment = segments.find(
    ({ type, virtualAddress: start, fileSize }) =>
      type === SegmentType.LOAD && virtualAddress >= start && virtualAddress < start + fileSize,
  );
  return segment === undefined ? undefined : virtualAddress - segment.virtualAddress + segment.fileOffset;
}

/**
 * The virtual address at which a byte of the file is loaded. A page at the border of two segments is mapped twice:
 * `executable` decides for the one that holds code.
 */
export function virtualAddressOf(
  segments: readonly ElfSegment[],
  fileOffset: number,
  { executable = false } = {},
): number | undefined {
  const holds = ({ type, fileOffset: start, fileSize }: ElfSegment) =>
    type === SegmentType.LOAD && fileOffset >= start && fileOffset < start + fileSize;
  const held = segments.filter(holds);
  const segment = (executable ? held.find(({ isExecutable }) => isExecutable) : undefined) ?? held[0];
  return segment === undefined ? undefined : fileOffset - segment.fileOffset + segment.virtualAddress;
}
