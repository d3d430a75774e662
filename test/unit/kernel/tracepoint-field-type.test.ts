import { describe, expect, it } from "vitest";
import { tracepointFieldType } from "../../../kernel/tracepoint-field-type.js";

const int = (size: number, signed: boolean) => ({ kind: "int", size, signed });
const opaque = (cType: string) => ({ kind: "opaque", cType });

describe("tracepointFieldType", () => {
  it.each([
    // scalars: the file's size and sign
    ["int", "", 4, true, int(4, true)],
    ["unsigned long", "", 8, false, int(8, false)],
    ["__u16", "", 2, false, int(2, false)],
    ["xfs_ino_t", "", 8, false, int(8, false)],
    ["enum skb_drop_reason", "", 4, false, int(4, false)],
    ["enum numa_vmaskip_reason", "", 4, true, int(4, true)],
    ["char", "", 1, true, int(1, true)],
    ["char", "", 1, false, int(1, false)],
    ["signed char", "", 1, true, int(1, true)],
    ["const clockid_t", "", 4, true, int(4, true)],
    ["bool", "", 1, false, { kind: "bool" }],
    ["_Bool", "", 1, false, { kind: "bool" }],
    // registers: only the lower part of a narrower argument means something
    ["int", "", 8, false, int(4, true)],
    ["unsigned int", "", 8, false, int(4, false)],
    ["umode_t", "", 8, false, int(2, false)],
    ["const clockid_t", "", 8, false, int(4, true)],
    ["enum landlock_rule_type", "", 8, false, int(4, false)],
    ["cap_user_header_t", "", 8, false, int(8, false)],
    // pointers
    ["const char *", "", 8, false, { kind: "pointer" }],
    ["void __seg_gs *", "", 8, false, { kind: "pointer" }],
    ["struct sock *", "", 8, false, { kind: "pointer" }],
    ["const char *const *", "", 8, false, { kind: "pointer" }],
    ["void *", "", 4, false, opaque("void *")],
    // arrays
    ["char", "[16]", 16, true, { kind: "charArray", length: 16 }],
    ["char", "[TASK_COMM_LEN]", 16, false, { kind: "charArray", length: 16 }],
    ["__u8", "[4]", 4, false, { kind: "intArray", element: { size: 1, signed: false }, count: 4 }],
    ["unsigned char", "[6]", 6, false, { kind: "intArray", element: { size: 1, signed: false }, count: 6 }],
    ["long", "[3]", 24, true, { kind: "intArray", element: { size: 8, signed: true }, count: 3 }],
    ["some_t", "[3]", 12, true, { kind: "intArray", element: { size: 4, signed: true }, count: 3 }],
    ["u32", "[N]", 12, false, { kind: "intArray", element: { size: 4, signed: false }, count: 3 }],
    ["void *", "[2]", 16, false, { kind: "intArray", element: { size: 8, signed: false }, count: 2 }],
    ["some_t", "[N]", 12, false, opaque("some_t[N]")],
    ["some_t", "[4]", 12, false, opaque("some_t[4]")],
    ["u32", "[]", 0, false, opaque("u32[]")],
    ["char", "[]", 0, false, opaque("char[]")],
    ["u8", "[4][4]", 16, false, opaque("u8[4][4]")],
    ["struct in6_addr", "[2]", 32, false, opaque("struct in6_addr[2]")],
    // elsewhere in the record
    ["__data_loc char[]", "", 4, false, { kind: "dataLoc", element: "char", relative: false }],
    ["__rel_loc char[]", "", 4, true, { kind: "dataLoc", element: "char", relative: true }],
    ["__data_loc u64[]", "", 4, false, { kind: "dataLoc", element: { size: 8, signed: false }, relative: false }],
    ["__rel_loc const int[]", "", 4, true, { kind: "dataLoc", element: { size: 4, signed: true }, relative: true }],
    ["__data_loc cpumask_t", "", 4, false, opaque("__data_loc cpumask_t")],
    ["__data_loc struct iovec[]", "", 4, false, opaque("__data_loc struct iovec[]")],
    // the rest
    ["struct timespec64", "", 16, false, opaque("struct timespec64")],
    ["struct kuid", "", 4, false, opaque("struct kuid")],
    ["union nf_inet_addr", "", 8, false, opaque("union nf_inet_addr")],
    ["guid_t", "", 16, false, opaque("guid_t")],
  ] as const)("%s%s of %i bytes, signed %s", (base, brackets, size, signed, expected) => {
    expect(tracepointFieldType(base, brackets, size, signed)).toEqual(expected);
  });
});
