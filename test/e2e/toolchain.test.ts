import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readSections } from "../unit/compiler/clang/embedded-elf.js";
import { ephemeralPorts, measureKernelWording } from "./harness/kernel-wording.js";
import { compareWithStories } from "./harness/match-stories.js";
import { tellOwners } from "./harness/owner-stories.js";
import { playBefore, Witnesses } from "./harness/play.js";
import { describeWhere, requireBuild, requireRoot, requireTracefs, tsprobeEntry } from "./harness/requirements.js";
import { withTempDir } from "./harness/temp-dir.js";
import { isAttached, spawnTsprobe, startTsprobe } from "./harness/tracer-tsprobe.js";
import type { KernelWording } from "./workload/scenario.js";
import { clientClosesFirst } from "./workload/scenarios/client-closes-first.js";
import { ipv6 } from "./workload/scenarios/ipv6.js";
import { reset } from "./workload/scenarios/reset.js";
import { Stage } from "./workload/stage.js";

const needs = [requireRoot, requireTracefs, requireBuild];
const probe = new URL("../../probes/tcpstates.ts", import.meta.url).pathname;
const bundled = new URL(`../../toolchain/libbpf/linux-${process.arch}/libbpf.so.1`, import.meta.url).pathname;

function has(...flags: string[]): boolean {
  return spawnSync(process.execPath, [tsprobeEntry, "check", probe, ...flags]).status === 0;
}

/** The system's libbpf, by the name that the dynamic linker knows; undefined if it has none. */
function systemLibbpf(): string | undefined {
  const listed = spawnSync("/sbin/ldconfig", ["-p"], { encoding: "utf8" }).stdout ?? "";
  return /libbpf\.so\.1 .*=> (\S+)/.exec(listed)?.[1];
}

describeWhere(needs, "every compiler with every libbpf", () => {
  const compilers = ["native", "embedded"].filter((clang) => has("--clang", clang));
  const system = systemLibbpf();
  if (system === undefined) console.warn("skipped: the system's libbpf (it has no libbpf.so.1)");
  if (!compilers.includes("native")) console.warn("skipped: a native clang (there is none)");
  const combinations = compilers.flatMap((clang) =>
    [bundled, ...(system === undefined ? [] : [system])].map((libbpf) => ({ clang, libbpf })),
  );
  const witnesses = new Witnesses(
    combinations.map(
      ({ clang, libbpf }) =>
        () =>
          startTsprobe("json", ["-v", "--clang", clang], { TSPROBE_LIBBPF: libbpf }),
    ),
  );
  let stage: Stage;
  let kernel: KernelWording;

  beforeAll(async () => {
    kernel = measureKernelWording();
    [stage] = await Promise.all([Stage.open(), witnesses.open()]);
  }, 60_000);
  afterAll(async () => {
    await Promise.all([stage?.close(), witnesses.close()]);
  }, 30_000);

  test("the embedded clang is among them, and each uses what it was told to", () => {
    expect(compilers).toContain("embedded");
    for (const [index, { clang, libbpf }] of combinations.entries()) {
      const stderr = witnesses.tracers[index]?.process.stderr;
      expect(stderr).toMatch(clang === "embedded" ? /^compiler clang 19\.1\.7 \(embedded\)$/m : /^compiler clang .*\(\/.*\)$/m);
      expect(stderr).toMatch(/^libbpf \d+\.\d+ \(environment\): /m);
      expect(stderr).toContain(libbpf === bundled ? "libbpf 1.5 " : `: ${libbpf}`);
    }
  });

  test.for([clientClosesFirst, ipv6, reset])("$name", { timeout: 40_000 }, async (scenario) => {
    const { stories, seen } = await playBefore(witnesses, scenario, stage, kernel);
    expect(seen).toHaveLength(combinations.length);
    for (const { rows } of seen)
      expect(compareWithStories(rows, tellOwners(stories), { ephemeral: ephemeralPorts() })).toEqual([]);
  });
});

describeWhere(needs, "the embedded clang in tsprobe", () => {
  /** Runs until attached. */
  async function run(flags: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
    const process = spawnTsprobe("json", ["-v", "--clang", "embedded", ...flags], env);
    await process.until(() => isAttached(process), "tsprobe to attach");
    const { code, stderr } = await process.stop();
    expect(code).toBe(130);
    return stderr;
  }

  test("first run, then from the cache; the module is unpacked once", () =>
    withTempDir(async (directory) => {
      const env = { TSPROBE_CACHE_DIR: directory };
      expect(await run([], env)).toMatch(/object of \d+ bytes compiled by clang 19\.1\.7 \(embedded\)/);
      expect(readdirSync(join(directory, "clang"))).toHaveLength(1);
      expect(await run([], env)).toMatch(/object of \d+ bytes from the cache, as compiled by clang 19\.1\.7 \(embedded\)/);
    }));

  test("two runs at once on an empty cache", () =>
    withTempDir(async (directory) => {
      const env = { TSPROBE_CACHE_DIR: directory };
      const both = await Promise.all([run([], env), run([], env)]);
      for (const stderr of both) expect(stderr).toContain("compiled by clang 19.1.7 (embedded)");
      expect(readdirSync(join(directory, "clang"))).toEqual([expect.stringMatching(/^clang-bpf-[0-9a-f]{16}\.wasm$/)]);
      expect(await run([], env)).toContain("from the cache");
    }));

  test("without a cache that works", () =>
    withTempDir(async (directory) => {
      const cache = join(directory, "cache");
      mkdirSync(cache);
      for (const kind of ["clang", "objects", "compilers"]) writeFileSync(join(cache, kind), "in the way");
      expect(await run([], { TSPROBE_CACHE_DIR: cache })).toContain("compiled by clang 19.1.7 (embedded)");
    }));

  test("the object of the live script is the native clang's", (context) =>
    withTempDir(async (directory) => {
      if (!spawnSync("clang-19", ["--version"], { encoding: "utf8" }).stdout?.includes("19.1.7"))
        context.skip("needs clang-19 (19.1.7)");
      const objectBy = (clang: string) => {
        const env = { ...process.env, TSPROBE_CACHE_DIR: join(directory, clang) };
        const { status, stderr } = spawnSync(process.execPath, [tsprobeEntry, "check", probe, "--clang", clang], {
          env,
          encoding: "utf8",
        });
        expect(stderr).toContain("no errors");
        expect(status).toBe(0);
        return objectIn(join(directory, clang, "objects"));
      };
      const [embedded, native] = [objectBy("embedded"), objectBy("clang-19")];
      expect(native.map(({ name }) => name)).toEqual(
        expect.arrayContaining(["tracepoint/sock/inet_sock_set_state", ".BTF", ".BTF.ext"]),
      );
      expect(embedded.map(({ name, bytes }) => [name, bytes.toString("hex")])).toEqual(
        native.map(({ name, bytes }) => [name, bytes.toString("hex")]),
      );
    }));
});

/** The sections of the one object in a cache, but for DWARF's strings, where the producer's name stands. */
function objectIn(folder: string) {
  const header = 8 + 4 + 32 + 4; // compiler/cache/entry.ts
  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name)).subarray(header, -32));
  const objects = files.filter((bytes) => bytes.length > 0);
  expect(objects).toHaveLength(1);
  return readSections(objects[0] as Buffer).filter(({ name }) => !name.startsWith(".debug_str"));
}
