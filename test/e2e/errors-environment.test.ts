import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AS_NOBODY, checkoutForOthers, NOBODY } from "./harness/plain-user.js";
import { type Ended, RunningProcess } from "./harness/process.js";
import { describeWhere, requireBuild, requireRoot, requireTool, requireTracefs } from "./harness/requirements.js";

const checkout = checkoutForOthers();
const tsprobeEntry = join(checkout, "dist/cli/main.js");
const script = join(checkout, "test/fixtures/wrong/options.ts");
const without = (...capabilities: string[]): string[] => {
  const list = capabilities.map((name) => `-${name}`).join(",");
  return ["setpriv", `--bounding-set=${list}`, `--inh-caps=${list}`];
};
const withOnly = (...capabilities: string[]): string[] => {
  const list = capabilities.map((name) => `+${name}`).join(",");
  return [...AS_NOBODY, `--inh-caps=${list}`, `--ambient-caps=${list}`];
};
const TRACEFS = "[ -d /sys/kernel/tracing/events ] || mount -t tracefs t /sys/kernel/tracing";
const NO_TRACEFS = "while umount -l $(awk '$3 == \"tracefs\" { print $2; exit }' /proc/self/mounts) 2>/dev/null; do :; done";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tsprobe-environment-"));
  chmodSync(folder, 0o755);
  for (const name of ["empty", "cache", "cache-of-nobody"]) mkdirSync(join(folder, name));
  chownSync(join(folder, "cache-of-nobody"), NOBODY, NOBODY);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Setting {
  /** Shell commands run before, in a mount namespace of their own. */
  readonly prepare?: readonly string[];
  /** What the command line is put behind: changes of user and rights. */
  readonly as?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly args?: readonly string[];
}

const RUN = ["run", script, "--for", "100ms"];

async function tsprobe({ prepare = [TRACEFS], as = [], env = {}, args = RUN }: Setting): Promise<Ended> {
  const cache = join(folder, as[1] === AS_NOBODY[1] ? "cache-of-nobody" : "cache");
  const commands = [...prepare, 'exec "$@"'].join("\n");
  const alone = ["env", `--chdir=${checkout}`, "unshare", "--mount", "sh", "-ec", commands, "sh"];
  const argv = [...alone, ...as, process.execPath, tsprobeEntry, ...args];
  return new RunningProcess(argv, { NO_COLOR: "1", TSPROBE_CACHE_DIR: cache, ...env }).ended;
}

/** The first error line, and that there is one error, a hint, and nothing of ours. */
async function errorOf(setting: Setting, code: number): Promise<string> {
  const { stderr, stdout, code: ended } = await tsprobe(setting);
  expect(stderr.match(/^error\[/gm), stderr).toHaveLength(1);
  expect(stderr).toMatch(/^hint: \S/m);
  expect(stderr).not.toMatch(/\bdist\/|^\s+at .*:\d+|node:internal/m);
  expect(stdout).toBe("");
  expect(ended, stderr).toBe(code);
  return stderr;
}

/** A stand-in for a clang of another machine. */
function fakeClang(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\ncat > /dev/null\n${text}\n`, { mode: 0o755 });
  return path;
}

const needs = [
  requireRoot,
  requireTracefs,
  requireBuild,
  requireTool("unshare", "util-linux"),
  requireTool("setpriv", "util-linux"),
];

describeWhere(needs, "what the machine lacks", () => {
  describe("clang", () => {
    const check = ["check", script];

    test("named wrongly, as a path, a name or a flag", async () => {
      const missing = join(folder, "clang");
      const byPath = await errorOf({ env: { TSPROBE_CLANG: missing }, args: check }, 8);
      expect(byPath).toContain(`the clang that was asked for cannot be used: ${missing} is not an executable file`);
      expect(await errorOf({ env: { TSPROBE_CLANG: "clang-of-nowhere" }, args: check }, 8)).toContain(
        "clang-of-nowhere is not on PATH",
      );
      expect(await errorOf({ args: [...check, "--clang", missing] }, 8)).toContain(missing);
    });

    test("too old", async () => {
      const path = fakeClang("clang-13", `printf '\\t.asciz\\t"13.0.1 (Debian)"\\n'`);
      expect(await errorOf({ env: { TSPROBE_CLANG: path }, args: check }, 8)).toContain(
        `${path} is version 13.0.1, older than 14`,
      );
    });

    test("built without BPF", async () => {
      const path = fakeClang("clang-no-bpf", `echo 'error: unable to create target: no available targets for "bpf"' >&2; exit 1`);
      expect(await errorOf({ env: { TSPROBE_CLANG: path }, args: check }, 8)).toContain(
        `${path} was built without the BPF target`,
      );
    });

    test("the embedded one without room: which limit, and not a line of ours", async () => {
      const text = await errorOf({ prepare: ["ulimit -v 4000000"], args: [...check, "--clang", "embedded"] }, 8);
      expect(text).toContain(
        "error[TSP5014]: clang 19.1.7 (embedded) cannot be started: not enough address space (it needs 12 GB, ulimit -v is 4000000): WebAssembly",
      );
    });

    test("the embedded one on a disk that fills up: nothing is kept, and it works", async () => {
      const cache = join(folder, "small-disk");
      mkdirSync(cache);
      const { code, stderr, stdout } = await tsprobe({
        prepare: [`mount -t tmpfs -o size=16m none "${cache}"`, `chmod 700 "${cache}"`],
        as: ["sh", "-c", '"$@"; code=$?; ls -A "$TSPROBE_CACHE_DIR/clang"; exit $code', "sh"],
        env: { TSPROBE_CACHE_DIR: cache },
        args: [...check, "--clang", "embedded", "-v"],
      });
      expect(stderr).toMatch(/^embedded clang: \S+\/clang-bpf-\w+\.wasm cannot be written \(ENOSPC\)$/m);
      expect(stdout).toBe("");
      expect(code, stderr).toBe(0);
    });

    test("something else", async () => {
      expect(await errorOf({ env: { TSPROBE_CLANG: "/bin/true" }, args: check }, 8)).toContain(
        "/bin/true could not compile a test program for BPF",
      );
    });
  });

  describe("privileges", () => {
    test("a plain user: which capabilities, and how to get them", async () => {
      const text = await errorOf({ as: AS_NOBODY }, 13);
      expect(text).toContain("needs the capabilities CAP_BPF and CAP_PERFMON, which this process does not have");
      expect(text).toContain("hint: run tsprobe with sudo\n");
    });

    test("a plain user may check a script", async () => {
      const { code, stderr } = await tsprobe({ as: AS_NOBODY, args: ["check", script] });
      expect(stderr).toMatch(/options\.ts: 1 probe, no errors\n$/);
      expect(code).toBe(0);
    });

    test("another's network namespace: a wrong flag, not the script's fault", async () => {
      const args = ["run", join(checkout, "probes/tcprtt.ts"), "--no-check", "--netns", "/proc/1/ns/net"];
      const text = await errorOf({ as: AS_NOBODY, args }, 2);
      expect(text).toContain("--netns: /proc/1/ns/net cannot be read (EACCES)");
    });

    test("root without one of them: its name", async () => {
      const perfmon = await errorOf({ as: without("perfmon", "sys_admin") }, 13);
      expect(perfmon).toMatch(/CAP_PERFMON/);
      expect(perfmon.split("\n")[0]).not.toMatch(/CAP_BPF/);
      const bpf = await errorOf({ as: without("bpf", "sys_admin") }, 13);
      expect(bpf).toMatch(/CAP_BPF/);
      expect(bpf.split("\n")[0]).not.toMatch(/CAP_PERFMON/);
    });

    test("a user with the capabilities of the hint runs", async () => {
      const hint = (await errorOf({ as: AS_NOBODY }, 13)).match(/--ambient-caps=(\S+)/)?.[1] ?? "";
      const { code, stderr } = await tsprobe({ as: withOnly(...hint.split(",").map((name) => name.slice(1))) });
      expect(stderr).toMatch(/^attached to sock:inet_sock_set_state$/m);
      expect(code).toBe(0);
    });

    test("root of a user namespace", async () => {
      expect(await errorOf({ as: ["unshare", "--user", "--map-root-user"] }, 13)).toMatch(/user namespace/);
    });
  });

  describe("the kernel's files", () => {
    const noBtf = () => `mount --bind "${join(folder, "empty")}" /sys/kernel/btf`;

    test("no BTF: only scripts that read kernel structs need it", async () => {
      const reader = fileURLToPath(new URL("../fixtures/wrong/member-typo.ts", import.meta.url));
      const text = await errorOf({ prepare: [TRACEFS, noBtf()], args: ["run", reader] }, 14);
      expect(text).toContain("this kernel does not describe its own types: /sys/kernel/btf/vmlinux does not exist");
      expect((await tsprobe({ prepare: [TRACEFS, noBtf()] })).code).toBe(0);
    });

    test("no tracefs, and no right to mount it", async () => {
      const text = await errorOf({ prepare: [NO_TRACEFS], as: without("sys_admin") }, 13);
      expect(text).toContain("tracefs, which describes the kernel's tracepoints, is not mounted");
      expect(text).toContain("sudo mount -t tracefs");
    });

    test("no tracefs, and root: it is mounted", async () => {
      expect(await tsprobe({ prepare: [NO_TRACEFS] })).toMatchObject({ code: 0 });
    });
  });

  describe("libbpf", () => {
    test("named wrongly", async () => {
      const path = join(folder, "libbpf.so.1");
      expect(await errorOf({ env: { TSPROBE_LIBBPF: path } }, 11)).toContain(
        `TSPROBE_LIBBPF names a library that does not load: ${path}`,
      );
    });

    test("cut off: an error, where the dynamic linker would have it kill the process", async () => {
      const shipped = join(checkout, "toolchain/libbpf", `linux-${process.arch}`, "libbpf.so.1");
      const path = join(folder, "libbpf-cut.so.1");
      writeFileSync(path, readFileSync(shipped).subarray(0, 100_000));
      const text = await errorOf({ env: { TSPROBE_LIBBPF: path } }, 11);
      expect(text).toMatch(/names a library that does not load: \S+\/libbpf-cut\.so\.1 \(it is cut off: 100000 of \d+ bytes\)$/m);
      const { stdout, code } = await tsprobe({ env: { TSPROBE_LIBBPF: path }, args: ["doctor"] });
      expect(stdout).toMatch(/^✗ libbpf .*\(it is cut off: 100000 of \d+ bytes\)$/m);
      expect(code).toBe(11);
      // The bundled one so: the system's is taken, if there is one, and both reasons are given if not.
      const bundled = await tsprobe({ prepare: [TRACEFS, `mount --bind "${path}" "${shipped}"`], args: [...RUN, "-v"] });
      expect(bundled.stderr).toMatch(
        /the libbpf that comes with tsprobe does not load: \S+ \(it is cut off: 100000 of \d+ bytes\)$/m,
      );
      expect([0, 11]).toContain(bundled.code);
    });

    test("not installed", async () => {
      const shipped = join(checkout, "toolchain/libbpf");
      const all = `$(ldconfig -p | sed -n 's/.*libbpf[.]so[.]1 .*=> //p') $(find "${shipped}" -name 'libbpf.so*')`;
      const hide = `for lib in ${all}; do mount --bind /dev/null "$lib"; done`;
      const { code, stderr } = await tsprobe({ prepare: [TRACEFS, hide] });
      expect(stderr).toMatch(/^error\[TSP6001\]: libbpf is not installed[\s\S]*apt-get install libbpf1/);
      expect(code).toBe(11);
    });
  });

  test("a working directory that is gone, or is not the user's to enter", async () => {
    const gone = await errorOf({ prepare: [TRACEFS, 'cd "$(mktemp -d)" && rmdir "$PWD"'] }, 2);
    expect(gone).toContain("the directory that tsprobe was started in is no longer there");
    const closed = join(folder, "closed");
    mkdirSync(closed, { mode: 0o700 });
    const text = await errorOf({ prepare: [TRACEFS, `cd "${closed}"`], as: AS_NOBODY }, 2);
    expect(text).toContain("the directory that tsprobe was started in cannot be entered (EACCES)");
  });

  test("too few file descriptors: the limit, from every command", async () => {
    for (const limit of [24, 28])
      for (const args of [RUN, [...RUN, "--clang", "embedded"], ["check", script], ["doctor"]])
        expect(await errorOf({ prepare: [TRACEFS, `ulimit -n ${limit}`], args }, 2)).toBe(
          `error[TSP1004]: no more than ${limit} files may be open at once (ulimit -n), which is too few for tsprobe\nhint: raise the limit: ulimit -n 1024\n`,
        );
    for (const args of [RUN, [...RUN, "--clang", "embedded"]])
      expect((await tsprobe({ prepare: [TRACEFS, "ulimit -n 48"], args })).code).toBe(0);
  });

  test("no place for temporary files", async () => {
    const text = await errorOf({ env: { TMPDIR: join(folder, "nowhere") } }, 2);
    expect(text).toContain(`temporary files cannot be written in ${join(folder, "nowhere")} (ENOENT)`);
  });

  test("too much stack: the line that goes over it, or the handler", async () => {
    const greedy = fileURLToPath(new URL("../fixtures/wrong/stack-too-large.ts", import.meta.url));
    const text = await errorOf({ args: ["run", greedy] }, 9);
    expect(text).toContain("this handler needs more than the 512 bytes of stack that a BPF program has");
    // Which one clang names depends on its version.
    expect(text).toMatch(/stack-too-large\.ts:(\d|[1-4]\d):\d+$/m);
  });

  test("a folder that an import leads into and that may not be listed", async () => {
    const closed = join(folder, "closed");
    mkdirSync(join(closed, "lib"), { recursive: true });
    writeFileSync(join(closed, "lib", "names.ts"), "export const name = 1;\n");
    writeFileSync(join(closed, "script.ts"), 'import { name } from "./lib/names.js";\nconsole.log(name);\n');
    chmodSync(closed, 0o755);
    for (const name of ["script.ts", "lib/names.ts"]) chmodSync(join(closed, name), 0o644);
    chmodSync(join(closed, "lib"), 0o711);
    const stderr = await errorOf({ as: AS_NOBODY, args: ["check", join(closed, "script.ts")] }, 7);
    expect(stderr).toContain('cannot look for "./lib/names.js": its folder could not be read: permission denied\n');
    expect(stderr).toContain("script.ts:1:22");
    expect(stderr).toContain(`\nhint: its folder must be readable: chmod +rx ${join(closed, "lib")}\n`);
    // With the file's very name nothing has to be listed.
    writeFileSync(
      join(closed, "script.ts"),
      `import { tracepoint } from "tsprobe";
import { name } from "./lib/names.ts";
export const s = tracepoint("sock:inet_sock_set_state", (ctx) => ({ port: ctx.sport, name }));
`,
    );
    const byName = await tsprobe({ as: AS_NOBODY, args: ["check", join(closed, "script.ts")] });
    expect(byName.stderr).toContain("script.ts: 1 probe, no errors\n");
    expect(byName.code).toBe(0);
  });
});
