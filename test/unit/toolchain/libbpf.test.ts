import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openLibbpf } from "../../../runtime/libbpf/library.js";
import { readDynamicSymbols } from "../compiler/clang/embedded-elf.js";

const folder = new URL("../../../toolchain/libbpf", import.meta.url).pathname;
const EM_X86_64 = 62;
const EM_AARCH64 = 183;

/** The functions that runtime/libbpf/api.ts binds, as it names them. */
function boundFunctions(): string[] {
  const text = readFileSync(new URL("../../../runtime/libbpf/api.ts", import.meta.url), "utf8");
  return [...new Set([...text.matchAll(/"((?:lib)?bpf_\w+|ring_buffer__\w+)"/g)].map((match) => match[1] as string))];
}

function versionNumber(name: string): number {
  const [major = 0, minor = 0] = name.replace("GLIBC_", "").split(".").map(Number);
  return major * 1000 + minor;
}

test.for([
  ["linux-x64", EM_X86_64, ["libc.so.6", "ld-linux-x86-64.so.2"]],
  ["linux-arm64", EM_AARCH64, ["libc.so.6", "ld-linux-aarch64.so.1"]],
] as const)(
  "%s: checked, for its machine, needs nothing but the C library, gives what is called",
  ([platform, machine, allowed]) => {
    const file = readFileSync(join(folder, platform, "libbpf.so.1"));
    const sum = readFileSync(join(folder, platform, "libbpf.so.1.sha256"), "latin1").slice(0, 64);
    expect(createHash("sha256").update(file).digest("hex")).toBe(sum);
    expect(file.readUInt16LE(18)).toBe(machine);
    const { needed, exported, versions } = readDynamicSymbols(file);
    expect(needed.filter((name) => !(allowed as readonly string[]).includes(name))).toEqual([]);
    expect(versions.length).toBeGreaterThan(2);
    // Debian 12 has 2.36, Ubuntu 22.04 2.35, RHEL 9 2.34.
    expect(versions.filter((name) => name.startsWith("GLIBC_") && versionNumber(name) > versionNumber("GLIBC_2.34"))).toEqual([]);
    expect(versions.filter((name) => !name.startsWith("GLIBC_"))).toEqual([]);
    const bound = boundFunctions();
    expect(bound.length).toBeGreaterThan(10);
    expect(bound.filter((name) => !exported.includes(name))).toEqual([]);
    // libelf and zlib are inside, and seen by nobody.
    expect(exported.filter((name) => /^(elf_|gelf_|inflate|deflate|crc32)/.test(name))).toEqual([]);
  },
);

describe.runIf(process.platform === "linux" && process.arch === "x64")("on this machine", () => {
  test("it is the one in use, unless TSPROBE_LIBBPF names another", () => {
    const { origin, path, version } = openLibbpf();
    if (process.env.TSPROBE_LIBBPF) return expect(origin).toBe("environment");
    return expect({ origin, path, version }).toEqual({
      origin: "bundled",
      path: join(folder, "linux-x64", "libbpf.so.1"),
      version: "1.5",
    });
  });

  test("a bundled one that does not load gives way to the system's", () => {
    const foreign = join(folder, "linux-arm64", "libbpf.so.1");
    const good = join(folder, "linux-x64", "libbpf.so.1");
    const choice = { bundled: [foreign], environment: {} };
    expect(openLibbpf({ ...choice, system: good }).origin).toBe("system");
    expect(() => openLibbpf({ ...choice, system: "libbpf-not-there.so.1" })).toThrow(
      `TSP6001: libbpf is not installed (libbpf.so.1): it loads the programs into the kernel\nTSP6001: the libbpf that comes with tsprobe does not load: ${foreign}`,
    );
  });
});
