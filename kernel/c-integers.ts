/** Size in bytes and signedness of an integer. */
export interface IntegerType {
  readonly size: 1 | 2 | 4 | 8;
  readonly signed: boolean;
}

const u8: IntegerType = { size: 1, signed: false };
const s8: IntegerType = { size: 1, signed: true };
const u16: IntegerType = { size: 2, signed: false };
const s16: IntegerType = { size: 2, signed: true };
const u32: IntegerType = { size: 4, signed: false };
const s32: IntegerType = { size: 4, signed: true };
const u64: IntegerType = { size: 8, signed: false };
const s64: IntegerType = { size: 8, signed: true };

/** C's own integer types on a 64-bit kernel, and the kernel's typedefs that system calls and arrays in tracepoints use. */
const INTEGERS: ReadonlyMap<string, IntegerType> = new Map([
  ...names(u8, "unsigned char", "u8", "__u8", "uint8_t"),
  ...names(s8, "signed char", "s8", "__s8", "int8_t"),
  ...names(
    u16,
    "unsigned short",
    "unsigned short int",
    "short unsigned int",
    "u16",
    "__u16",
    "uint16_t",
    "__be16",
    "__le16",
    "umode_t",
  ),
  ...names(s16, "short", "short int", "s16", "__s16", "int16_t"),
  ...names(u32, "unsigned", "unsigned int", "uint", "u32", "__u32", "uint32_t", "__be32", "__le32"),
  ...names(u32, "uid_t", "gid_t", "qid_t", "mode_t", "dev_t", "gfp_t", "__poll_t"),
  ...names(s32, "int", "s32", "__s32", "int32_t", "pid_t", "key_t", "key_serial_t", "clockid_t", "timer_t", "mqd_t", "rwf_t"),
  ...names(u64, "unsigned long", "unsigned long int", "long unsigned int", "unsigned long long", "unsigned long long int"),
  ...names(
    u64,
    "long long unsigned int",
    "u64",
    "__u64",
    "uint64_t",
    "__be64",
    "__le64",
    "size_t",
    "ino_t",
    "sector_t",
    "aio_context_t",
  ),
  ...names(s64, "long", "long int", "long long", "long long int", "s64", "__s64", "int64_t", "ssize_t", "loff_t", "off_t"),
]);

function names(type: IntegerType, ...list: string[]): [string, IntegerType][] {
  return list.map((name) => [name, type]);
}

/**
 * The integer type of a C type name, without qualifiers; undefined when it is not known to be one.
 * Plain `char` is not among them: its sign is the architecture's (unsigned since Linux 6.2), so the caller decides.
 */
export function integerTypeOf(cType: string): IntegerType | undefined {
  return INTEGERS.get(cType);
}
