import { type TracepointFieldType, tracepointFieldType } from "./tracepoint-field-type.js";

/** One field of a tracepoint's record. */
export interface TracepointField {
  readonly name: string;
  /** The C declaration without the name, as written: "__u8[4]", "const char *", "__data_loc char[]". */
  readonly cType: string;
  /** Bytes from the start of the record. */
  readonly offset: number;
  /** Bytes the field takes in the record; for a system call's argument always 8, whatever its type. */
  readonly size: number;
  readonly type: TracepointFieldType;
}

/** What a `format` file of tracefs says. */
export interface TracepointFormat {
  readonly category: string;
  readonly name: string;
  /** What perf_event_open takes as `config`. */
  readonly id: number;
  /** The fields of this tracepoint, in order, without the common ones. */
  readonly fields: readonly TracepointField[];
  /** The fields every tracepoint has: common_type, common_flags, common_preempt_count, common_pid. */
  readonly common: readonly TracepointField[];
  /** The kernel's own way to print the record, unparsed. */
  readonly printFmt: string;
}

/** `field:` lines as f_show() of kernel/trace/trace_events.c writes them. */
const FIELD_LINE = /^\tfield:(.*);\toffset:(\d+);\tsize:(\d+);(?:\tsigned:(\d+);)?$/;
/** Declarator: type, name, and what follows the name (array lengths). */
const DECLARATION = /^(.*?)([A-Za-z_]\w*)((?:\[[^\]]*\])*)$/;

/**
 * Reads a tracepoint's `format` file.
 * @param category the directory it is in: the file itself does not say
 * @throws SyntaxError when the text is not of that form
 */
export function parseTracepointFormat(category: string, text: string): TracepointFormat {
  let name: string | undefined;
  let id: number | undefined;
  let printFmt = "";
  const fields: TracepointField[] = [];
  const common: TracepointField[] = [];
  for (const line of text.split("\n")) {
    if (line.startsWith("\tfield:")) {
      const field = parseField(line);
      (field.name.startsWith("common_") ? common : fields).push(field);
    } else if (line.startsWith("name: ")) name = line.slice("name: ".length);
    else if (line.startsWith("ID: ")) id = Number(line.slice("ID: ".length));
    else if (line.startsWith("print fmt: ")) printFmt = line.slice("print fmt: ".length);
  }
  if (name === undefined || id === undefined || !Number.isSafeInteger(id))
    throw new SyntaxError("not a tracepoint format: name or ID is missing");
  return { category, name, id, fields, common, printFmt };
}

function parseField(line: string): TracepointField {
  const [, declaration, offset, size, signed] = FIELD_LINE.exec(line) ?? [];
  const [, base, name, brackets] = DECLARATION.exec(declaration ?? "") ?? [];
  if (base === undefined || name === undefined || brackets === undefined)
    throw new SyntaxError(`not a tracepoint field: ${line.trim()}`);
  const cType = base.trim() + brackets;
  return {
    name,
    cType,
    offset: Number(offset),
    size: Number(size),
    type: tracepointFieldType(base.trim(), brackets, Number(size), signed === "1"),
  };
}
