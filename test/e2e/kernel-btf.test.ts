import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Btf, openBtf } from "../../kernel/btf.js";
import { findMember, flattenMembers } from "../../kernel/btf-members.js";
import type { BtfStruct, BtfType } from "../../kernel/btf-types.js";
import { describeWhere, requireFile, requireTool, toolEnvironment } from "./harness/requirements.js";

const VMLINUX = "/sys/kernel/btf/vmlinux";
const needsBtf = requireFile(VMLINUX);
const BUFFER = 256 * 2 ** 20;

/** A type as bpftool's raw dump prints it, in the details that both sides know. */
function rawForm(type: BtfType): string {
  switch (type.kind) {
    case "int":
      return `INT '${type.name}' size=${type.size} encoding=${type.signed ? "SIGNED" : type.bool ? "BOOL" : "(none)"}`;
    case "pointer":
      return `PTR type_id=${type.to}`;
    case "array":
      return `ARRAY type_id=${type.element} nr_elems=${type.count}`;
    case "struct":
    case "union":
      return [
        `${type.kind.toUpperCase()} '${type.name || "(anon)"}' size=${type.size} vlen=${type.members.length}`,
        ...type.members.map(
          (m) =>
            `'${m.name || "(anon)"}' type_id=${m.type} bits_offset=${m.bitOffset}${m.bitfieldSize === 0 ? "" : ` bitfield_size=${m.bitfieldSize}`}`,
        ),
      ].join("\n");
    case "enum":
      return [
        `${type.size === 8 ? "ENUM64" : "ENUM"} '${type.name || "(anon)"}' encoding=${type.signed ? "SIGNED" : "UNSIGNED"} size=${type.size} vlen=${type.values.length}`,
        ...type.values.map((v) => `'${v.name}' val=${v.value}`),
      ].join("\n");
    case "fwd":
      return `FWD '${type.name}' fwd_kind=${type.of}`;
    case "typedef":
      return `TYPEDEF '${type.name}' type_id=${type.to}`;
    case "const":
    case "volatile":
    case "restrict":
      return `${type.kind.toUpperCase()} type_id=${type.to}`;
    case "typeTag":
      return `TYPE_TAG '${type.name}' type_id=${type.to}`;
    case "func":
      return `FUNC '${type.name}' type_id=${type.proto} linkage=${["static", "global", "extern"][type.linkage]}`;
    case "funcProto":
      return [
        `FUNC_PROTO ret_type_id=${type.returns} vlen=${type.params.length}`,
        ...type.params.map((p) => `'${p.name || "(anon)"}' type_id=${p.type}`),
      ].join("\n");
    case "float":
      return `FLOAT '${type.name}' size=${type.size}`;
    case "var":
      return `VAR '${type.name}' type_id=${type.to}`;
    case "datasec":
      return `DATASEC '${type.name}'`;
    case "declTag":
      return `DECL_TAG '${type.name}' type_id=${type.to} component_idx=${type.component}`;
    case "void":
      return "VOID";
  }
}

/** bpftool's lines for one type, without the details that we do not keep. */
function bpftoolForm(lines: readonly string[]): string {
  const [head = "", ...rest] = lines;
  const kind = /^\[\d+\] (\w+)/.exec(head)?.[1] ?? "";
  const shortened = head
    .replace(/^\[\d+\] /, "")
    .replace(/ bits_offset=\d+ nr_bits=\d+| index_type_id=\d+|, linkage=\S+/g, "")
    .replace(/ size=\d+ vlen=\d+$/, (text) => (kind === "DATASEC" ? "" : text));
  const named = ["PTR", "CONST", "VOLATILE", "RESTRICT", "ARRAY", "FUNC_PROTO"].includes(kind)
    ? shortened.replace(" '(anon)'", "")
    : shortened;
  const members = kind === "DATASEC" ? [] : rest.map((line) => line.trim().replace(/(?<= val=-?\d+)U?LL$/, ""));
  return [named, ...members].join("\n");
}

describeWhere([needsBtf, requireTool("bpftool")], "BTF of this kernel, against bpftool's dump", () => {
  let btf: Btf;
  let dumped: string[][];
  beforeAll(() => {
    btf = openBtf(readFileSync(VMLINUX));
    const text = execFileSync("bpftool", ["btf", "dump", "file", VMLINUX, "format", "raw"], {
      encoding: "utf8",
      env: toolEnvironment(),
      maxBuffer: BUFFER,
    });
    dumped = text
      .trimEnd()
      .split(/\n(?=\[)/)
      .map((entry) => entry.split("\n"));
  }, 60_000);

  it("has the same number of types", () => {
    expect(dumped.length).toBeGreaterThan(10_000);
    expect(btf.typeCount).toBe(dumped.length);
  });

  it("decodes every type alike", () => {
    const wrong: unknown[] = [];
    for (const [at, lines] of dumped.entries()) {
      const ours = rawForm(btf.type(at + 1));
      const theirs = bpftoolForm(lines);
      if (ours !== theirs && wrong.push({ ours, theirs }) === 5) break;
    }
    expect(wrong).toEqual([]);
  }, 60_000);

  it("finds every named struct, the first of its name", () => {
    const first = new Map<string, number>();
    for (const [at, [head = ""]] of dumped.entries()) {
      const name = /^\[\d+\] (?:STRUCT|UNION) '([^'(]+)'/.exec(head)?.[1];
      if (name !== undefined && !first.has(name)) first.set(name, at + 1);
    }
    const names = btf.structNames();
    expect(new Set(names).size).toBe(names.length);
    for (const [name, id] of first) expect(btf.struct(name)?.id, name).toBe(id);
    for (const name of names) expect(btf.struct(name), name).toBeDefined();
  });
});

describeWhere(
  [needsBtf, requireTool("bpftool"), requireTool("clang-16")],
  "offsets of members, against clang's layout of bpftool's vmlinux.h",
  () => {
    let folder: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), "tsprobe-offsets-"));
      const header = execFileSync("bpftool", ["btf", "dump", "file", VMLINUX, "format", "c"], {
        encoding: "utf8",
        env: toolEnvironment(),
        maxBuffer: BUFFER,
      });
      writeFileSync(join(folder, "vmlinux.h"), header);
    }, 60_000);
    afterAll(() => rmSync(folder, { recursive: true }));

    it.each([
      [
        "sock_common",
        25,
        [
          "skc_daddr",
          "skc_rcv_saddr",
          "skc_dport",
          "skc_num",
          "skc_family",
          "skc_state",
          "skc_net",
          "skc_v6_daddr",
          "skc_v6_rcv_saddr",
        ],
      ],
      ["sock", 100, ["__sk_common", "sk_rcvbuf", "sk_backlog", "sk_wmem_queued", "sk_err", "sk_stamp"]],
      ["inet_sock", 15, ["sk", "pinet6", "inet_saddr", "inet_sport"]],
      ["tcp_sock", 100, ["inet_conn", "srtt_us", "mdev_us", "snd_cwnd", "rcv_nxt", "bytes_acked", "total_retrans"]],
      ["task_struct", 150, ["thread_info", "pid", "tgid", "comm", "real_parent", "nsproxy", "start_time"]],
      ["sk_buff", 40, ["next", "dev", "sk", "len", "protocol", "head", "network_header"]],
    ] as const)(
      "struct %s",
      (name, least, expected) => {
        const btf = openBtf(readFileSync(VMLINUX));
        const struct = btf.struct(name) as BtfStruct;
        const flat = flattenMembers(btf, struct);
        expect(flat.map((each) => each.member.name)).toEqual(expect.arrayContaining([...expected]));
        // A bit field has no offset in C: its place is compared with bpftool's above.
        const whole = flat.filter((each) => each.member.bitfieldSize === 0);
        expect(whole.length).toBeGreaterThan(least);
        const checks = whole.map(({ member }) => {
          const bits = findMember(btf, struct, member.name)?.bitOffset as number;
          return `_Static_assert(__builtin_offsetof(struct ${name}, ${member.name}) * 8 == ${bits}, "${member.name}");`;
        });
        const file = join(folder, `${name}.c`);
        writeFileSync(
          file,
          `#include "vmlinux.h"\n_Static_assert(sizeof(struct ${name}) == ${struct.size}, "size");\n${checks.join("\n")}\n`,
        );
        const run = spawnSync("clang-16", ["-target", "bpf", "-fsyntax-only", "-w", file], { encoding: "utf8" });
        expect({ status: run.status, errors: run.stderr }).toEqual({ status: 0, errors: "" });
      },
      60_000,
    );

    it("knows the bitfields of struct sock", () => {
      const btf = openBtf(readFileSync(VMLINUX));
      const sock = btf.struct("sock") as BtfStruct;
      const bits = flattenMembers(btf, sock).filter((each) => each.member.bitfieldSize > 0);
      expect(bits.map((each) => each.member.name)).toContain("sk_no_check_tx");
      for (const { member } of bits) expect(btf.resolve(member.type), member.name).toMatchObject({ kind: "int" });
    });
  },
);

describeWhere([needsBtf], "BTF of this kernel, speed", () => {
  it("is opened and searched within a tenth of a second", () => {
    const bytes = readFileSync(VMLINUX);
    const before = performance.now();
    const btf = openBtf(bytes);
    for (const name of ["sock", "task_struct", "tcp_sock", "sk_buff", "no_such_struct"]) btf.struct(name);
    expect(performance.now() - before).toBeLessThan(2_000);
  });
});
