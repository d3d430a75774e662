import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AS_NOBODY, checkoutForOthers, NOBODY } from "./harness/plain-user.js";
import { type Ended, RunningProcess } from "./harness/process.js";
import {
  describeWhere,
  requireBuild,
  requireRoot,
  requireTool,
  requireTracefs,
  toolEnvironment,
} from "./harness/requirements.js";

const withoutCapability = (name: string): string[] => [
  "setpriv",
  `--bounding-set=-${name},-sys_admin`,
  `--inh-caps=-${name},-sys_admin`,
];

/** What the doctor shows of one check, in its text. */
interface Shown {
  readonly ok: boolean;
  readonly title: string;
  readonly found: string;
  readonly costs?: string;
  readonly mend?: string;
}

/** Takes the text apart; whatever is neither a check, nor what belongs to one, nor the verdict fails here. */
function readText(stdout: string): { checks: Shown[]; verdict: string } {
  const [body = "", verdict = "", ...rest] = stdout.trimEnd().split("\n\n");
  expect(rest).toEqual([]);
  const checks: Shown[] = [];
  for (const line of body.split("\n")) {
    const head = /^([✓✗]) (\S+(?: \S+)*) {2,}(\S.*)$/u.exec(line);
    if (head !== null) {
      checks.push({ ok: head[1] === "✓", title: head[2] as string, found: head[3] as string });
      continue;
    }
    const below = /^ +(costs|mend): {1,2}(\S.*)$/.exec(line);
    expect(below, line).not.toBeNull();
    const last = checks.pop() as Shown;
    expect(last.ok, `${last.title} has nothing to mend`).toBe(false);
    checks.push({ ...last, [below?.[1] as string]: below?.[2] });
  }
  return { checks, verdict };
}

/** The findings of `--json`, as the text would show them. */
function readJson(stdout: string): {
  canTrace: boolean;
  exitCode: number;
  checks: (Shown & { id: string; required: boolean })[];
} {
  const { checks, ...rest } = JSON.parse(stdout);
  const shown = checks.map(({ cost, ...check }: { cost?: string }) => ({
    ...check,
    ...(cost === undefined ? {} : { costs: cost }),
  }));
  return { ...rest, checks: shown };
}

const needs = [
  requireRoot,
  requireTracefs,
  requireBuild,
  requireTool("setpriv", "util-linux"),
  requireTool("unshare", "util-linux"),
];

describeWhere(needs, "tsprobe doctor", () => {
  let folder: string;
  let text: Ended;
  const checkout = checkoutForOthers();
  const tsprobeEntry = join(checkout, "dist/cli/main.js");
  const probe = join(checkout, "probes/tcpstates.ts");
  const inCheckout = ["env", `--chdir=${checkout}`];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "tsprobe-doctor-"));
    chmodSync(folder, 0o755);
    for (const name of ["cache", "cache-of-nobody", "bin"]) mkdirSync(join(folder, name));
    chownSync(join(folder, "cache-of-nobody"), NOBODY, NOBODY);
    text = await doctor();
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  interface Setting {
    readonly as?: readonly string[];
    readonly env?: NodeJS.ProcessEnv;
    readonly args?: readonly string[];
  }

  function doctor({ as = [], env = {}, args = [] }: Setting = {}): Promise<Ended> {
    const cache = join(folder, as === AS_NOBODY ? "cache-of-nobody" : "cache");
    // Which compiler is found is asked below, whatever this whole test run is told to use.
    const own = { NO_COLOR: "1", TSPROBE_CACHE_DIR: cache, TSPROBE_CLANG: "", ...env };
    return new RunningProcess([...inCheckout, ...as, process.execPath, tsprobeEntry, "doctor", ...args], own).ended;
  }

  function check(ended: Ended, title: string): Shown {
    const found = readText(ended.stdout).checks.filter((one) => one.title === title);
    expect(found, ended.stdout).toHaveLength(1);
    return found[0] as Shown;
  }

  /** An empty PATH, and nothing where distributions keep LLVM, in a mount namespace of the command's own. */
  function withoutClang(): string[] {
    const script = `for folder in /usr/lib/llvm* /usr/lib64/llvm*; do [ ! -d "$folder" ] || mount -t tmpfs none "$folder"; done
      PATH="$1"; shift; exec "$@"`;
    return ["unshare", "--mount", "--propagation", "private", "sh", "-ec", script, "sh", join(folder, "bin")];
  }

  test("its exit code and verdict say whether tcpstates runs", async () => {
    const env = { TSPROBE_CACHE_DIR: join(folder, "cache") };
    const run = await new RunningProcess([process.execPath, tsprobeEntry, "run", probe, "--for", "100ms"], env).ended;
    expect(text.code, text.stdout).toBe(run.code);
    expect(readText(text.stdout).verdict).toBe(
      run.code === 0 ? "tsprobe can trace here." : "tsprobe cannot trace here yet: mend what is marked above.",
    );
    expect(text.stderr).toBe("");
  });

  test("each ✗ says what it costs and how to mend it, each ✓ what was found", () => {
    const { checks } = readText(text.stdout);
    expect(checks.map(({ title }) => title)).toEqual([
      "kernel",
      "capabilities",
      "ring buffer map",
      "tracepoint programs",
      "lockdown",
      "tracefs",
      "BTF",
      "kprobes",
      "TRACING programs (fentry)",
      "libbpf",
      "compiler",
      "cache",
      "locked memory",
    ]);
    for (const { ok, costs, mend } of checks) {
      expect(costs === undefined).toBe(ok);
      expect(mend === undefined).toBe(ok);
    }
  });

  test("what it says of the kernel is what the kernel says elsewhere", () => {
    const uname = execFileSync("uname", ["-sr"], { encoding: "utf8" }).trim();
    expect(check(text, "kernel")).toEqual({ ok: true, title: "kernel", found: `${uname} on ${process.arch}` });
    expect(check(text, "BTF").ok).toBe(existsSync("/sys/kernel/btf/vmlinux"));
    const kprobes = check(text, "kprobes");
    if (!existsSync("/sys/bus/event_source/devices/kprobe"))
      expect(kprobes).toEqual({
        ok: false,
        title: "kprobes",
        found: "refused: this kernel has no kprobes",
        costs: "kernel functions cannot be traced by kprobe; tracepoints can",
        mend: "use a kernel with CONFIG_KPROBES",
      });
    const lockdown = "/sys/kernel/security/lockdown";
    expect(check(text, "lockdown").found).toBe(
      existsSync(lockdown) ? /\[(\w+)\]/.exec(readFileSync(lockdown, "utf8"))?.[1] : "not in this kernel",
    );
    const tracefs = /^\S+ (\S+) tracefs /m.exec(readFileSync("/proc/self/mounts", "utf8"))?.[1];
    if (tracefs !== undefined) expect(check(text, "tracefs")).toEqual({ ok: true, title: "tracefs", found: tracefs });
    const limit = /^Max locked memory\s+(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
    expect(check(text, "locked memory").found).toMatch(
      limit === "unlimited" ? /^unlimited$/ : new RegExp(`^${(Number(limit) / 1024).toLocaleString("en")} KiB\\b`),
    );
  });

  test("how many types BTF has", (context) => {
    let dumped: string;
    try {
      dumped = execFileSync("bpftool", ["btf", "dump", "file", "/sys/kernel/btf/vmlinux"], {
        encoding: "utf8",
        maxBuffer: 1 << 30,
        env: toolEnvironment(),
      });
    } catch {
      return context.skip("needs bpftool and a kernel with BTF");
    }
    const types = dumped.match(/^\[\d+\]/gm)?.length ?? 0;
    expect(check(text, "BTF").found).toBe(`${types.toLocaleString("en")} types`);
  });

  test("the capabilities are those of this process", () => {
    const effective = BigInt(`0x${/^CapEff:\s*(\w+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]}`);
    // include/uapi/linux/capability.h: CAP_SYS_ADMIN 21, CAP_PERFMON 38, CAP_BPF 39.
    const has = (bit: bigint) => ((effective >> 21n) | (effective >> bit)) & 1n;
    expect(check(text, "capabilities").ok).toBe(has(38n) === 1n && has(39n) === 1n);
  });

  test.each(["perfmon", "bpf"])("root without CAP_%s: that one is named", async (name) => {
    const ended = await doctor({ as: withoutCapability(name) });
    expect(check(ended, "capabilities")).toEqual({
      ok: false,
      title: "capabilities",
      found: `missing CAP_${name.toUpperCase()}`,
      costs: "nothing can be loaded",
      mend: "run with sudo",
    });
    expect(ended.code).toBe(13);
  });

  test("a plain user: what is missing, and the exit code of a run", async () => {
    const ended = await doctor({ as: AS_NOBODY });
    expect(check(ended, "capabilities")).toMatchObject({
      ok: false,
      found: "missing CAP_BPF and CAP_PERFMON",
      mend: "run with sudo",
    });
    for (const title of ["ring buffer map", "tracepoint programs"])
      expect(check(ended, title)).toMatchObject({ ok: false, found: expect.stringMatching(/^refused: EPERM/) });
    // Refusals for lack of rights say nothing about the kernel, and no other kernel mends them.
    const untold = "it cannot be told whether this kernel has it";
    expect(check(ended, "TRACING programs (fentry)")).toMatchObject({
      ok: false,
      found: expect.stringMatching(/^not known without privileges \(refused: E(PERM|ACCES)\)$/),
      costs: untold,
      mend: "run with sudo",
    });
    const memory = check(ended, "locked memory");
    expect(memory.found).toMatch(/^unlimited$|^[\d,]+ KiB; whether maps count against it is not known without privileges$/);
    if (!memory.ok) expect(memory.mend).toBe("run with sudo");
    // What needs no rights is found all the same.
    for (const title of ["kernel", "libbpf", "compiler"]) expect(check(ended, title).ok, title).toBe(true);
    expect(check(ended, "cache")).toEqual({ ok: true, title: "cache", found: join(folder, "cache-of-nobody") });
    expect(ended.stdout.trimEnd()).toMatch(/\ntsprobe cannot trace here yet: mend what is marked above\.$/);
    const run = [...inCheckout, ...AS_NOBODY, process.execPath, tsprobeEntry, "run", probe, "--for", "100ms"];
    const { code } = await new RunningProcess(run, { TSPROBE_CACHE_DIR: join(folder, "cache-of-nobody") }).ended;
    expect(ended.code).toBe(code);
  });

  test("root of a user namespace: capabilities that are worth nothing here", async () => {
    const as = ["unshare", "--user", "--map-root-user"];
    const ended = await doctor({ as });
    const mend =
      "run tsprobe on the host with sudo, or in a container without user namespace: docker run --privileged --pid=host …";
    expect(check(ended, "capabilities")).toEqual({
      ok: false,
      title: "capabilities",
      found: "this process is root in a user namespace only (a rootless container), which gives no right to probe the kernel",
      costs: "nothing can be loaded",
      mend,
    });
    for (const title of ["ring buffer map", "tracepoint programs", "TRACING programs (fentry)"])
      expect(check(ended, title)).toMatchObject({ ok: false, mend });
    expect(ended.code).toBe(13);
  });

  test("the compiler: one of the machine, the embedded one, none", async () => {
    const native = toolEnvironment()
      .PATH?.split(delimiter)
      .some((directory) => ["clang", "clang-16", "clang-19"].some((name) => existsSync(join(directory, name))));
    if (native) expect(check(text, "compiler").found).toMatch(/^clang \d+\.\d+\.\d+ \(\/.+\)$/);
    const embedded = await doctor({ as: withoutClang() });
    expect(check(embedded, "compiler")).toEqual({ ok: true, title: "compiler", found: "clang 19.1.7 (embedded)" });
    expect(embedded.code).toBe(text.code);
    const forced = await doctor({ env: { TSPROBE_CLANG: "embedded" } });
    expect(check(forced, "compiler").found).toBe("clang 19.1.7 (embedded)");
    const missing = await doctor({ as: withoutClang(), env: { TSPROBE_CLANG: "native" } });
    expect(check(missing, "compiler")).toMatchObject({ ok: false, mend: expect.stringMatching(/\bclang\b/) });
    const none = await doctor({ env: { TSPROBE_CLANG: join(folder, "no-clang") } });
    const { ok, found, costs, mend } = check(none, "compiler");
    expect(ok).toBe(false);
    expect(found).toContain(`${join(folder, "no-clang")} is not an executable file`);
    expect(costs).toBe("no script can be compiled");
    expect(mend).toBeDefined();
    if (text.code === 0) expect(none.code).toBe(8);
  });

  test("the embedded compiler is tried: a damaged module, no room", async () => {
    const packed = join(checkout, "toolchain/clang-wasm/clang-bpf.wasm.br");
    const damage = 'head -c 4000000 "$1" > "$2"; mount --bind "$2" "$1"; shift 2; exec "$@"';
    const as = ["unshare", "--mount", "sh", "-ec", damage, "sh", packed, join(folder, "damaged")];
    const fresh = { TSPROBE_CLANG: "embedded", TSPROBE_CACHE_DIR: join(folder, "fresh") };
    const damaged = await doctor({ as, env: fresh });
    expect(check(damaged, "compiler")).toEqual({
      ok: false,
      title: "compiler",
      found: `clang 19.1.7 (embedded) cannot be started: ${packed} is damaged (its checksum differs): install tsprobe again`,
      costs: "no script can be compiled",
      mend: "Try another clang: TSPROBE_CLANG=/path/to/clang",
    });
    const narrow = await doctor({ as: ["sh", "-c", 'ulimit -v 4000000; exec "$@"', "sh"], env: fresh });
    expect(check(narrow, "compiler").found).toContain("not enough address space (it needs 12 GB, ulimit -v is 4000000)");
    expect([damaged.code, narrow.code]).toEqual(text.code === 0 ? [8, 8] : [text.code, text.code]);
    expect((await doctor({ env: fresh })).code).toBe(text.code);
  });

  test.each([
    ["no BTF", "mount -t tmpfs none /sys/kernel/btf", "this kernel does not describe its own types"],
    [
      "BTF that is cut off",
      'head -c 100000 /sys/kernel/btf/vmlinux > "$1"; mount --bind "$1" /sys/kernel/btf/vmlinux',
      "is not understood",
    ],
  ] as const)("%s: tcpstates does not run, a plain tracepoint does", async (_, prepare, reason) => {
    const as = ["unshare", "--mount", "sh", "-ec", `${prepare}; shift; exec "$@"`, "sh", join(folder, "btf")];
    const ended = await doctor({ as });
    expect(check(ended, "BTF")).toMatchObject({
      ok: false,
      found: expect.stringContaining(reason),
      costs: "no script that reads kernel structs runs, such as tcpstates",
    });
    expect(readText(ended.stdout).verdict).toBe(
      "tcpstates cannot run here yet, though a script runs that reads no more than its tracepoints' own fields: mend what is marked above.",
    );
    const json = await doctor({ as, args: ["--json"] });
    expect(readJson(json.stdout)).toMatchObject({ canTrace: false, exitCode: ended.code });
    const run = async (script: string) => {
      const argv = [...inCheckout, ...as, process.execPath, tsprobeEntry, "run", script, "--for", "100ms"];
      return (await new RunningProcess(argv, { TSPROBE_CACHE_DIR: join(folder, "cache") }).ended).code;
    };
    expect(ended.code).toBe(14);
    expect(await run(probe)).toBe(14);
    expect(await run(join(checkout, "test/fixtures/wrong/options.ts"))).toBe(0);
  });

  test("a cache that cannot be used", async () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    const ended = await doctor({ env: { TSPROBE_CACHE_DIR: join(file, "cache"), XDG_CACHE_HOME: join(file, "x") } });
    const { ok, found, costs, mend } = check(ended, "cache");
    expect(ok).toBe(false);
    expect(found).toContain(`${join(file, "cache")} cannot be used (ENOTDIR)`);
    expect(costs).toBe("each run compiles again after a restart");
    expect(mend).toBe("set TSPROBE_CACHE_DIR to a directory of yours");
    // It can trace all the same.
    expect(ended.code).toBe(text.code);
  });

  test.each([["root", []] as const, ["a plain user", AS_NOBODY] as const])("--json and the text agree, for %s", async (_, as) => {
    const [plain, json] = await Promise.all([doctor({ as }), doctor({ as, args: ["--json"] })]);
    expect(json.stdout.trimEnd()).not.toContain("\n");
    const { canTrace, exitCode, checks } = readJson(json.stdout);
    expect(checks.map(({ id: _id, required: _required, ...shown }) => shown)).toEqual(readText(plain.stdout).checks);
    expect(json.code).toBe(plain.code);
    expect(exitCode).toBe(json.code);
    expect(canTrace).toBe(exitCode === 0);
    expect(canTrace).toBe(checks.every(({ ok, required }) => ok || !required));
  });

  test("colours only where they are wanted; the words are the same", async () => {
    const esc = String.fromCharCode(27);
    const coloured = await doctor({ args: ["--color", "always"] });
    const { checks } = readText(text.stdout);
    const painted = coloured.stdout.split("\n").filter((line) => /^.\[3[123]m[✓✗]/u.test(line));
    expect(painted).toHaveLength(checks.length);
    for (const [index, { ok }] of checks.entries()) expect(painted[index]?.startsWith(`${esc}[32m✓`)).toBe(ok);
    expect(coloured.stdout.replaceAll(new RegExp(`${esc}\\[\\d+m`, "g"), "")).toBe(text.stdout);
    expect(text.stdout).not.toContain(esc);
    const forced = await doctor({ env: { NO_COLOR: undefined, FORCE_COLOR: "1" } });
    expect(forced.stdout).toBe(coloured.stdout);
    expect((await doctor({ env: { NO_COLOR: "1", FORCE_COLOR: undefined } })).stdout).toBe(text.stdout);
  });
});
