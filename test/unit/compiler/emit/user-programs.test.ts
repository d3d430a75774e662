import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { buildElf, DATA, TEXT } from "../../../fixtures/elf-image.js";
import { compileForFixture } from "../../../golden/compiled.js";

const folder = mkdtempSync(join(tmpdir(), "tsprobe-emit-"));
afterAll(() => rmSync(folder, { recursive: true }));
const server = join(folder, "server");
writeFileSync(
  server,
  buildElf({
    symbols: [{ name: "serve", address: TEXT }],
    usdt: [
      { provider: "web", name: "one", address: TEXT + 1, semaphore: DATA, arguments: "-4@%edi 8@-16(%rbp,%rax,4)" },
      { provider: "web", name: "many", address: TEXT + 2, arguments: "-4@%edi 1@%ah" },
      { provider: "web", name: "many", address: TEXT + 3, arguments: "-4@$-7 1@8(%rsp)" },
      { provider: "web", name: "many", address: TEXT + 4, arguments: "-2@%si 1@8(%rsp)" },
      { provider: "web", name: "many", address: TEXT + 5, arguments: "-4@%edi 1@16" },
    ],
  }),
);

if (process.arch !== "x64") process.stderr.write("skipped: C of user programs' hooks: its registers are those of x86-64\n");

/** The C of a script's context structs and programs, without lines that every program has. */
async function cOf(script: string): Promise<string> {
  const { c } = await compileForFixture(
    `import { fn, pid, profile, perfEvent, uprobe, uretprobe, usdt } from "tsprobe";\n${script}`,
  );
  const lines = c.split("\n").filter((line) => !line.startsWith("#line"));
  const structs =
    /^struct (?:uprobe|uretprobe|usdt|tsp_sample|tsp_perf).*?^\};|^struct (?:uprobe|uretprobe|usdt|tsp_sample)\w*;$/gms;
  const at = lines.findIndex((line) => line.startsWith("INLINE ") && !line.includes(" tsp_"));
  const programs = lines.slice(at === -1 ? lines.findIndex((line) => line.startsWith('SEC("') && !line.includes("license")) : at);
  return [...(lines.join("\n").match(structs) ?? []), ...programs].join("\n").trim();
}

describe.skipIf(process.arch !== "x64")("C of", () => {
  test("a function: registers are fields, what is on the stack is read", async () => {
    expect(
      await cOf(`export const calls = uprobe(${JSON.stringify(server)}, "serve",
  { args: { fd: "s32", path: "ptr", a: "u8", b: "bool", c: "u64", d: "u16", e: "s16", f: "ptr" } },
  ({ fd, path, b, d, e, f }) => ({ fd, path, b, d, e, f }));`),
    ).toMatchInlineSnapshot(`
      "struct uprobe_serve_4e75afdc {
        __u8 tsp_pad_0[64];
        __u16 f_d; // u16 in r9, offset 64
        __u8 tsp_pad_66[22];
        __u8 f_b; // bool in rcx, offset 88
        __u8 tsp_pad_89[15];
        __u64 f_path; // ptr in rsi, offset 104
        __s32 f_fd; // s32 in rdi, offset 112
      };
      SEC("uprobe")
      int p0_calls(struct uprobe_serve_4e75afdc *given) {
        __s64 fd = (__s64)FIELD(32, given, fd);
        __u64 path = FIELD(64, given, path);
        _Bool b = FIELD(8, given, b) != 0;
        __s64 d = (__s64)FIELD(16, given, d);
        __u64 tsp_e1;
        { __s16 tsp_word; if (bpf_probe_read_user(&tsp_word, 2, (const void *)(LOAD(64, given, 152) + 8LL))) { tsp_count(0 /* read */); return 0; } tsp_e1 = tsp_word; }
        __s64 e = (__s64)(__s16)tsp_e1;
        __u64 f;
        { __u64 tsp_word; if (bpf_probe_read_user(&tsp_word, 8, (const void *)(LOAD(64, given, 152) + 16LL))) { tsp_count(1 /* read */); return 0; } f = tsp_word; }
        struct tsp_event_0 *tsp_event3 = bpf_ringbuf_reserve(&tsp_events, sizeof(*tsp_event3), 0);
        if (!tsp_event3) { tsp_count(2 /* lost */); return 0; }
        tsp_event3->tsp_id = 0;
        tsp_event3->f_fd = fd;
        tsp_event3->f_path = path;
        tsp_event3->f_b = b;
        tsp_event3->f_d = d;
        tsp_event3->f_e = e;
        tsp_event3->f_f = f;
        bpf_ringbuf_submit(tsp_event3, 0);
        return 0;
      }"
    `);
  });

  test("a result", async () => {
    expect(
      await cOf(
        `export const results = uretprobe(${JSON.stringify(server)}, "serve", { returns: "s16" }, ({ ret }) => (ret < 0 ? { ret } : undefined));`,
      ),
    ).toMatchInlineSnapshot(`
      "struct uretprobe_serve_ec0e105b {
        __u8 tsp_pad_0[80];
        __s16 f_ret; // s16 in rax, offset 80
      };
      SEC("uretprobe")
      int p0_results(struct uretprobe_serve_ec0e105b *given) {
        __s64 ret = (__s64)FIELD(16, given, ret);
        if (ret < 0) {
          struct tsp_event_0 *tsp_event1 = bpf_ringbuf_reserve(&tsp_events, sizeof(*tsp_event1), 0);
          if (!tsp_event1) { tsp_count(0 /* lost */); return 0; }
          tsp_event1->tsp_id = 0;
          tsp_event1->f_ret = ret;
          bpf_ringbuf_submit(tsp_event1, 0);
          return 0;
        } else {
          return 0;
        }
      }"
    `);
  });

  test("a probe at one place needs no cookie", async () => {
    expect(
      await cOf(
        `export const one = usdt(${JSON.stringify(server)}, "web:one", { args: { fd: "auto", p: "ptr" } }, ({ fd, p }) => ({ fd, p }));`,
      ),
    ).toMatchInlineSnapshot(`
      "struct usdt_web_one_20a0f693;

      // Event 0: one
      struct tsp_event_0 {
        __u64 tsp_id;
        __s64 f_fd;
        __u64 f_p;
      };
      SEC("uprobe")
      int p0_one(struct usdt_web_one_20a0f693 *given) {
        __u64 tsp_fd1;
        tsp_fd1 = (__s32)LOAD(32, given, 112);
        __s64 fd = (__s64)tsp_fd1;
        __u64 p;
        { __u64 tsp_word; if (bpf_probe_read_user(&tsp_word, 8, (const void *)(LOAD(64, given, 32) + LOAD(64, given, 80) * 4 + (-16LL)))) { tsp_count(0 /* read */); return 0; } p = tsp_word; }
        struct tsp_event_0 *tsp_event3 = bpf_ringbuf_reserve(&tsp_events, sizeof(*tsp_event3), 0);
        if (!tsp_event3) { tsp_count(1 /* lost */); return 0; }
        tsp_event3->tsp_id = 0;
        tsp_event3->f_fd = fd;
        tsp_event3->f_p = p;
        bpf_ringbuf_submit(tsp_event3, 0);
        return 0;
      }"
    `);
  });

  test("a probe at several places: each argument by the cookie, as far as it differs", async () => {
    expect(
      await cOf(`const low = fn((x: { byte: number }) => x.byte & 15);
export const many = usdt(${JSON.stringify(server)}, "web", "many", { args: { n: "s32", byte: "u8" } }, (x) => ({ n: x.n, low: low(x) }));`),
    ).toMatchInlineSnapshot(`
      "struct usdt_web_many_a1f8d6a9;

      // Event 0: many
      struct tsp_event_0 {
        __u64 tsp_id;
        __s32 f_n;
        __u8 f_low;
      };
      INLINE __s64 fn_0_low(struct usdt_web_many_a1f8d6a9 * x, _Bool *tsp_failed) {
        __u64 tsp_byte1;
        switch (bpf_get_attach_cookie(x)) {
        case 1: case 2: { __u8 tsp_word; if (bpf_probe_read_user(&tsp_word, 1, (const void *)(LOAD(64, x, 152) + 8LL))) { tsp_count(0 /* read */); *tsp_failed = 1; return 0; } tsp_byte1 = tsp_word; } break;
        case 3: { __u8 tsp_word; if (bpf_probe_read_user(&tsp_word, 1, (const void *)(16LL))) { tsp_count(0 /* read */); *tsp_failed = 1; return 0; } tsp_byte1 = tsp_word; } break;
        default: tsp_byte1 = (__u8)LOAD(8, x, 81);
        }
        return (__s64)((__s32)(__u8)tsp_byte1 & 15);
      }
      SEC("uprobe")
      int p0_many(struct usdt_web_many_a1f8d6a9 *x) {
        _Bool tsp_failed = 0;
        __s64 tsp_result3 = fn_0_low(x, &tsp_failed);
        if (tsp_failed) return 0;
        struct tsp_event_0 *tsp_event1 = bpf_ringbuf_reserve(&tsp_events, sizeof(*tsp_event1), 0);
        if (!tsp_event1) { tsp_count(1 /* lost */); return 0; }
        tsp_event1->tsp_id = 0;
        __u64 tsp_n2;
        switch (bpf_get_attach_cookie(x)) {
        case 1: tsp_n2 = (__s32)(-7LL); break;
        case 2: tsp_n2 = (__s16)LOAD(16, x, 104); break;
        default: tsp_n2 = (__s32)LOAD(32, x, 112);
        }
        tsp_event1->f_n = (__s64)(__s32)tsp_n2;
        tsp_event1->f_low = tsp_result3;
        bpf_ringbuf_submit(tsp_event1, 0);
        return 0;
      }"
    `);
  });

  test("samples and counters", async () => {
    expect(
      await cOf(`export const ticks = profile(99, ({ ip }) => ({ pid: pid(), ip }));
export const faults = perfEvent("page-faults", { period: 1 }, (x) => ({ addr: x.addr, n: x.samplePeriod }));
export const bare = profile(1, () => ({ pid: pid() }));`),
    ).toMatchInlineSnapshot(`
      "struct tsp_sample {
        __u8 tsp_pad_0[128];
        __u64 f_ip; // u64, offset 128
      };
      struct tsp_perf_event {
        __u8 tsp_pad_0[168];
        __u64 f_samplePeriod; // __u64, offset 168
        __u64 f_addr; // __u64, offset 176
      };
      SEC("perf_event")
      int p0_ticks(struct tsp_sample *given) {
        __u64 ip = FIELD(64, given, ip);
        struct tsp_event_0 *tsp_event1 = bpf_ringbuf_reserve(&tsp_events, sizeof(*tsp_event1), 0);
        if (!tsp_event1) { tsp_count(0 /* lost */); return 0; }
        tsp_event1->tsp_id = 0;
        tsp_event1->f_pid = (__s64)(bpf_get_current_pid_tgid() >> 32);
        tsp_event1->f_ip = ip;
        bpf_ringbuf_submit(tsp_event1, 0);
        return 0;
      }
      SEC("perf_event")
      int p1_faults(struct tsp_perf_event *x) {
        struct tsp_event_1 *tsp_event1 = bpf_ringbuf_reserve(&tsp_events, sizeof(*tsp_event1), 0);
        if (!tsp_event1) { tsp_count(1 /* lost */); return 0; }
        tsp_event1->tsp_id = 1;
        tsp_event1->f_addr = FIELD(64, x, addr);
        tsp_event1->f_n = FIELD(64, x, samplePeriod);
        bpf_ringbuf_submit(tsp_event1, 0);
        return 0;
      }
      SEC("perf_event")
      int p2_bare(struct tsp_sample *tsp_context UNUSED) {
        struct tsp_event_2 *tsp_event1 = bpf_ringbuf_reserve(&tsp_events, sizeof(*tsp_event1), 0);
        if (!tsp_event1) { tsp_count(2 /* lost */); return 0; }
        tsp_event1->tsp_id = 2;
        tsp_event1->f_pid = (__s64)(bpf_get_current_pid_tgid() >> 32);
        bpf_ringbuf_submit(tsp_event1, 0);
        return 0;
      }"
    `);
  });
});
