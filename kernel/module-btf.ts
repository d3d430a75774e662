import { readdirSync, readFileSync } from "node:fs";
import { type Btf, openBtf } from "./btf.js";

/** One file for the kernel, "vmlinux", and one for each loaded module with BTF. */
const BTF_FOLDER = "/sys/kernel/btf";

/** Types of one module, with those of the kernel before them. */
export interface ModuleBtf {
  readonly module: string;
  readonly btf: Btf;
}

/**
 * The loaded modules whose types hold a name. A module's BTF goes on where the kernel's ends, so it is only opened (about
 * 30 ms each) when the name occurs in its bytes.
 */
export function* findInModules(name: string, folder: string = BTF_FOLDER): Generator<ModuleBtf> {
  const wanted = Buffer.from(`\0${name}\0`, "latin1");
  let base: Buffer | undefined;
  for (const module of modulesIn(folder)) {
    let bytes: Buffer;
    try {
      bytes = readFileSync(`${folder}/${module}`);
    } catch {
      continue; // unloaded in this moment
    }
    if (!bytes.includes(wanted)) continue;
    try {
      base ??= readFileSync(`${folder}/vmlinux`);
      yield { module, btf: openBtf(joinBtf(base, bytes)) };
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error; // such as a module built for another kernel: as if it had none
    }
  }
}

function modulesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name !== "vmlinux");
  } catch {
    return [];
  }
}

/** Bytes of struct btf_header. */
const HEADER_BYTES = 24;

/** One BTF of two: types and strings of a module are numbered on from those of the kernel (split BTF). */
export function joinBtf(base: Uint8Array, split: Uint8Array): Buffer {
  const [first, second] = [sectionsOf(base), sectionsOf(split)];
  const types = Buffer.concat([first.types, second.types]);
  const strings = Buffer.concat([first.strings, second.strings]);
  const header = Buffer.from(base.subarray(0, HEADER_BYTES));
  header.writeUInt32LE(HEADER_BYTES, 4);
  header.writeUInt32LE(0, 8);
  header.writeUInt32LE(types.length, 12);
  header.writeUInt32LE(types.length, 16);
  header.writeUInt32LE(strings.length, 20);
  return Buffer.concat([header, types, strings]);
}

function sectionsOf(bytes: Uint8Array): { readonly types: Uint8Array; readonly strings: Uint8Array } {
  if (bytes.length < HEADER_BYTES) throw new SyntaxError("too short for BTF");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = view.getUint32(4, true);
  const section = (at: number) => {
    const start = header + view.getUint32(at, true);
    return bytes.subarray(start, start + view.getUint32(at + 4, true));
  };
  return { types: section(8), strings: section(16) };
}
