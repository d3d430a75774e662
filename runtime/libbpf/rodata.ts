import type { OptionSlot } from "../../compiler/program.js";
import { DiagnosticError } from "../../diagnostics/diagnostic.js";
import { copyFromMemory, copyToMemory, readText } from "../ffi/memory.js";
import type { LibbpfApi } from "./api.js";

/** A variable of a data section: bytes from the section's start, and its own bytes. */
export interface DataVariable {
  readonly offset: number;
  readonly size: number;
}

/** include/uapi/linux/btf.h */
const BTF_KIND_DATASEC = 15;
const TYPE_BYTES = 12;
const VARIABLE_BYTES = 12;

function typeAt(api: LibbpfApi, btf: bigint, id: number, bytes: number): { address: bigint; view: DataView } | undefined {
  const address = api.btfType(btf, id);
  if (address === 0n) return undefined;
  const copy = copyFromMemory(address, bytes);
  return { address, view: new DataView(copy.buffer, copy.byteOffset, copy.byteLength) };
}

/**
 * Where the variables of a section of an open object lie, by the object's own type information.
 * Ask libbpf, not the bytes of .BTF: clang leaves the offsets 0 and libbpf fills them in from the symbol table.
 */
export function readDataSection(api: LibbpfApi, object: bigint, section: string): ReadonlyMap<string, DataVariable> {
  const variables = new Map<string, DataVariable>();
  const btf = api.btf(object);
  if (btf === 0n) return variables;
  const id = api.btfFind(btf, section, BTF_KIND_DATASEC);
  const head = id < 0 ? undefined : typeAt(api, btf, id, TYPE_BYTES);
  if (head === undefined) return variables;
  const count = head.view.getUint32(4, true) & 0xffff; // vlen
  const entries = copyFromMemory(head.address + BigInt(TYPE_BYTES), count * VARIABLE_BYTES);
  for (let at = 0; at < entries.length; at += VARIABLE_BYTES) {
    const variable = typeAt(api, btf, entries.readUInt32LE(at), TYPE_BYTES);
    if (variable === undefined) continue;
    const name = readText(api.btfName(btf, variable.view.getUint32(0, true)));
    variables.set(name, { offset: entries.readUInt32LE(at + 4), size: entries.readUInt32LE(at + 8) });
  }
  return variables;
}

function mismatch(message: string): DiagnosticError {
  return new DiagnosticError({ code: "TSP6009", failure: "internal", severity: "error", message });
}

/**
 * Writes option values over the constants of an object that is open and not loaded yet.
 * @throws DiagnosticError "internal" when object and slots do not belong together
 */
export function writeOptions(api: LibbpfApi, object: bigint, slots: readonly OptionSlot[]): void {
  if (slots.length === 0) return;
  const section = ".rodata";
  const variables = readDataSection(api, object, section);
  const map = api.findMap(object, section);
  const base = map === 0n ? 0n : api.mapInitialValue(map, Buffer.alloc(8));
  if (base === 0n) throw mismatch(`the compiled program has no ${section} section for its options`);
  for (const { variable, bytes } of slots) {
    const place = variables.get(variable);
    if (place === undefined) throw mismatch(`the compiled program has no option variable "${variable}"`);
    if (place.size !== bytes.length)
      throw mismatch(`option variable "${variable}" has ${place.size} bytes in the compiled program, not ${bytes.length}`);
    copyToMemory(base + BigInt(place.offset), bytes);
  }
}
