import { describe, expect, test } from "vitest";
import { compileText, Refused } from "../../../parity/harness/run.js";
import { functionKernel } from "../../hooks/function-kernel.js";

const IMPORT = 'import { fentry, fexit, kprobe, kretprobe, rawTracepoint } from "tsprobe";\n';
const no = () => ({ ok: false as const, reason: "no" });

/** Kernel code as C: contexts and handlers, without what stands around them. */
async function printed(script: string, abilities = {}): Promise<string> {
  const { program } = await compileText(IMPORT + script, [], functionKernel(abilities));
  const lines = program.c.split("\n").filter((line) => !line.startsWith("#"));
  const contexts = lines.join("\n").match(/^struct \w*(?:tp|btf|fexit|probe|registers)\w* \{\n[\s\S]*?^\};/gm) ?? [];
  const handlers = lines.join("\n").match(/^SEC\("[^".]+[/\w]*"\)\nint [\s\S]*?^\}/gm) ?? [];
  const short = handlers.join("\n").replace(/^ .*(?:tsp_event|ringbuf|return 0).*\n/gm, "");
  return [...contexts, short].join("\n");
}

describe.skipIf(process.arch !== "x64")("arguments in C", () => {
  test("of fentry and fexit: typed pointers become numbers, others are copied; what is returned stands behind them", async () => {
    expect(
      await printed(
        `export const a = fexit("simple", ({ sk, len, buf, names, ret }) => ({ mark: sk.mark, len, buf, names, ret }));`,
      ),
    ).toMatchInlineSnapshot(`
      "struct fexit_simple {
        __u64 f_sk; // const struct sock *, offset 0
        __u16 f_len; // unsigned short, offset 8
        __u8 tsp_pad_10[6];
        __u64 f_buf; // char *, offset 16
        __u8 tsp_pad_24[8];
        __s32 f_ret; // int, offset 32
      };
      SEC("fexit/simple")
      int p0_a(struct fexit_simple *given) {
        __u64 sk = ADDRESS(given, sk);
        __s64 len = (__s64)FIELD(16, given, len);
        __u64 buf = FIELD(64, given, buf);
        __u64 names;
        bpf_probe_read_kernel(&names, sizeof(names), (const char *)given + 24);
        __s64 ret = (__s64)FIELD(32, given, ret);
        __s32 tsp_mark3;
        __s64 tsp_4 = (__s64)tsp_mark3;
      }"
    `);
  });

  test("of kprobes: registers", async () => {
    expect(
      await printed(`export const a = kprobe("simple", ({ sk, len, names }) => ({ mark: sk.mark, len, names }));
export const b = kretprobe("simple", ({ ret }) => ({ ret }));
export const c = kprobe({ function: "simple", offset: 9 }, ({ rsp }) => ({ rsp }));`),
    ).toMatchInlineSnapshot(`
      "struct kprobe_simple {
        __u8 tsp_pad_0[88];
        __u64 f_names; // char **, offset 88
        __u8 tsp_pad_96[8];
        __u16 f_len; // unsigned short, offset 104
        __u8 tsp_pad_106[6];
        __u64 f_sk; // const struct sock *, offset 112
      };
      struct kretprobe_simple {
        __u8 tsp_pad_0[80];
        __s32 f_ret; // int, offset 80
      };
      struct registers {
        __u8 tsp_pad_0[152];
        __u64 f_rsp; // unsigned long, offset 152
      };
      SEC("kprobe")
      int p0_a(struct kprobe_simple *given) {
        __u64 sk = FIELD(64, given, sk);
        __s64 len = (__s64)FIELD(16, given, len);
        __u64 names = FIELD(64, given, names);
        __s32 tsp_mark2;
        __s64 tsp_3 = (__s64)tsp_mark2;
      }
      SEC("kretprobe")
      int p1_b(struct kretprobe_simple *given) {
        __s64 ret = (__s64)FIELD(32, given, ret);
      }
      SEC("kprobe")
      int p2_c(struct registers *given) {
        __u64 rsp = FIELD(64, given, rsp);
      }"
    `);
  });

  test("of raw tracepoints: typed where the kernel allows it, plain elsewhere", async () => {
    const script = `export const a = rawTracepoint("family_event", ({ on, sk }) => ({ on, mark: sk.mark }));`;
    expect(await printed(script)).toMatchInlineSnapshot(`
      "struct tp_btf_family_event {
        __u8 f_on; // bool, offset 0
        __u8 tsp_pad_1[7];
        __u64 f_sk; // struct sock *, offset 8
      };
      SEC("tp_btf/family_event")
      int p0_a(struct tp_btf_family_event *given) {
        _Bool on = FIELD(8, given, on) != 0;
        __u64 sk = ADDRESS(given, sk);
        __s32 tsp_mark2;
        __s64 tsp_3 = (__s64)tsp_mark2;
      }"
    `);
    expect(await printed(script, { tracing: no })).toMatchInlineSnapshot(`
      "struct raw_tp_family_event {
        __u8 f_on; // bool, offset 0
        __u8 tsp_pad_1[7];
        __u64 f_sk; // struct sock *, offset 8
      };
      SEC("raw_tp/family_event")
      int p0_a(struct raw_tp_family_event *given) {
        _Bool on = FIELD(8, given, on) != 0;
        __u64 sk = FIELD(64, given, sk);
        __s32 tsp_mark2;
        __s64 tsp_3 = (__s64)tsp_mark2;
      }"
    `);
  });
});

describe("refused when they are used", () => {
  test.each([
    [
      `fentry("structs", ({ one, both }) => ({ one, both }));`,
      "both (struct pair) cannot be read: it is a struct passed by value",
    ],
    [`fentry("odd", (args) => ({ real: args.real }));`, "real (double) cannot be read: it is a floating-point number"],
    [`fentry("odd", ({ arg4 }) => ({ arg4 }));`, "arg4 (...) cannot be read: it is a variable number of arguments"],
    [
      `kprobe("many", ({ a7 }) => ({ a7 }));`,
      "a7 (unsigned long) cannot be read: the kernel passes it on the stack, not in a register",
    ],
    [`kretprobe("plain", (r) => ({ v: r.ret }));`, "the return of plain has no field ret"],
    [`fexit("odd", ({ returned }) => ({ mark: returned.mark }));`, "this pointer may be null here"],
    [`fentry("simple", ({ length }) => ({ length }));`, "the function simple has no field length"],
    [`kprobe("family_*", ({ mine }) => ({ mine }));`, "the functions family_* have no common field mine"],
  ])("%s", async (script, message) => {
    const error = await compileText(`${IMPORT}export const a = ${script}`, [], functionKernel()).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(Refused);
    expect((error as Refused).diagnostics[0]?.message).toBe(message);
  });

  test("others of the same function can be read, and a returned pointer where it is tested", async () => {
    await compileText(
      `${IMPORT}export const a = fexit("odd", ({ returned }) => ({ mark: returned?.mark }));`,
      [],
      functionKernel(),
    );
    await compileText(`${IMPORT}export const a = fentry("structs", ({ one, four }) => ({ one, four }));`, [], functionKernel());
  });
});
