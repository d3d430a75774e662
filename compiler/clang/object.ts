/** e_machine of an ELF file for BPF (EM_BPF in linux/elf-em.h). */
const EM_BPF = 247;

/** Guards against a compiler that says 0 and writes something else. Byte order as ELF's: both are tried. */
export function isBpfObject(object: Uint8Array): boolean {
  const bytes = Buffer.from(object.buffer, object.byteOffset, object.byteLength);
  return (
    bytes.length >= 64 &&
    bytes.toString("latin1", 0, 4) === "\x7fELF" &&
    (bytes.readUInt16LE(18) === EM_BPF || bytes.readUInt16BE(18) === EM_BPF)
  );
}
