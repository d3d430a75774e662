export { type DebugLink, openDebugFile, readDebugLink } from "./debug-file.js";
export { ElfError } from "./error.js";
export { ElfFile, openElf, readElf, type SymbolTableName } from "./file.js";
export { type ElfHeader, ElfType } from "./header.js";
export type { ElfNote } from "./notes.js";
export { type ElfSection, SectionType } from "./sections.js";
export { type ElfSegment, SegmentType } from "./segments.js";
export type { ElfSymbol, ElfSymbolTable } from "./symbols.js";
