/** A file that is not ELF, is damaged, or is of a kind this reader does not know. The message says which, without the path. */
export class ElfError extends Error {
  override readonly name = "ElfError";
}
