import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ephemeralPorts, measureKernelWording } from "./harness/kernel-wording.js";
import { compareWithStories } from "./harness/match-stories.js";
import { npmInstall } from "./harness/npm-install.js";
import { tellOwners } from "./harness/owner-stories.js";
import { playBefore, Witnesses } from "./harness/play.js";
import { RunningProcess, withTracefs } from "./harness/process.js";
import { describeWhere, requireBuild, requireRoot, requireTool, requireTracefs } from "./harness/requirements.js";
import type { Tracer } from "./harness/tracer.js";
import { isAttached, readRows } from "./harness/tracer-tsprobe.js";
import { clientClosesFirst } from "./workload/scenarios/client-closes-first.js";
import { Stage } from "./workload/stage.js";

const needs = [requireRoot, requireTracefs, requireBuild, requireTool("npm")];
const repository = new URL("../../", import.meta.url).pathname;
const MOST_TARBALL_BYTES = 20_000_000;

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

/**
 * Hides every clang of this machine from a command: PATH holds node alone, and where distributions keep LLVM there is
 * nothing, in a mount namespace of the command's own.
 */
function withoutClang(argv: readonly string[], bin: string, home: string): string[] {
  const script = [
    'for folder in /usr/lib/llvm* /usr/lib64/llvm*; do [ ! -d "$folder" ] || mount -t tmpfs none "$folder"; done',
    "{ [ -d /sys/kernel/tracing/events ] || mount -t tracefs tracefs /sys/kernel/tracing; }",
    'bin="$1" home="$2" && shift 2 && exec env -i PATH="$bin" HOME="$home" "$@"',
  ].join(" && ");
  return ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", bin, home, ...argv];
}

describeWhere(needs, "the installed package, on a machine with nothing but Node", () => {
  let directory: string;
  let packed: Packed;
  let unreachable: string | undefined;
  let installed: string;

  const command = (...args: string[]) => {
    const argv = [join(directory, "bin", "node"), join(installed, "dist/cli/main.js"), ...args];
    return withoutClang(argv, join(directory, "bin"), join(directory, "home"));
  };

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "tsprobe-package-"));
    for (const name of ["bin", "home", "folder"]) mkdirSync(join(directory, name));
    symlinkSync(process.execPath, join(directory, "bin", "node"));
    // The build is there already, and other tests are using it.
    const pack = ["pack", "--json", "--ignore-scripts", "--pack-destination", directory];
    [packed] = JSON.parse(
      execFileSync("npm", pack, { cwd: repository, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }),
    ) as [Packed];
    const folder = join(directory, "folder");
    unreachable = npmInstall(folder, [join(directory, packed.filename)]);
    installed = join(folder, "node_modules", "tsprobe");
  }, 300_000);
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test("the tarball is small and holds what is needed, and no recipes", () => {
    console.info(`${packed.filename}: ${(packed.size / 1e6).toFixed(2)} MB, ${packed.files.length} files`);
    expect(packed.size).toBeLessThan(MOST_TARBALL_BYTES);
    const paths = packed.files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining([
        "dist/cli/main.js",
        "dist/compiler/clang/wasm/host.js",
        "probes/tcpstates.ts",
        "toolchain/clang-wasm/LICENSE-LLVM.txt",
        "toolchain/clang-wasm/clang-bpf.wasm.br",
        "toolchain/clang-wasm/clang-bpf.wasm.br.sha256",
        "toolchain/libbpf/LICENSES/LGPL-2.1",
        "toolchain/libbpf/linux-arm64/libbpf.so.1",
        "toolchain/libbpf/linux-x64/libbpf.so.1",
      ]),
    );
    expect(
      paths.filter((path) => /\.(sh|patch|tgz)$|^(test|bench|scripts|node_modules)\/|^toolchain\/.*\/train\//.test(path)),
    ).toEqual([]);
  });

  test("runs tcpstates on live traffic", { timeout: 120_000 }, async (context) => {
    if (unreachable !== undefined) context.skip(unreachable);
    const argv = command("run", join(installed, "probes/tcpstates.ts"), "--format", "json", "-v");
    const start = async (): Promise<Tracer> => {
      const process = new RunningProcess(argv);
      await process.until(() => isAttached(process), "the installed tsprobe to attach", 60_000);
      return { name: "installed tsprobe", process, rows: () => readRows("json", process.stdout) };
    };
    const kernel = measureKernelWording();
    const witnesses = new Witnesses([start]);
    const [stage] = await Promise.all([Stage.open(), witnesses.open()]);
    try {
      const stderr = witnesses.tracers[0]?.process.stderr;
      expect(stderr).toMatch(/^compiler clang 19\.1\.7 \(embedded\)$/m);
      expect(stderr).toMatch(/^object of \d+ bytes compiled by clang 19\.1\.7 \(embedded\)/m);
      expect(stderr).toContain(`libbpf 1.5 (bundled): ${join(installed, "toolchain/libbpf/linux-x64/libbpf.so.1")}`);
      expect(existsSync(join(directory, "home/.cache/tsprobe/clang"))).toBe(true);
      const { stories, seen } = await playBefore(witnesses, clientClosesFirst, stage, kernel);
      expect(compareWithStories(seen[0]?.rows ?? [], tellOwners(stories), { ephemeral: ephemeralPorts() })).toEqual([]);
      const [ended] = await witnesses.close();
      expect(ended?.code).toBe(130);
      expect(ended?.stderr).toMatch(/\b0 lost\b/);
    } finally {
      await Promise.all([stage.close(), witnesses.close()]);
    }
  });

  test("checks a script without root", { timeout: 60_000 }, (context) => {
    if (unreachable !== undefined) context.skip(unreachable);
    execFileSync("chmod", ["-R", "a+rX", directory]);
    const home = join(directory, "home-of-nobody");
    mkdirSync(home);
    execFileSync("chown", ["65534:65534", home]);
    const argv = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    const check = withTracefs([
      ...argv,
      "env",
      `HOME=${home}`,
      process.execPath,
      join(installed, "dist/cli/main.js"),
      "check",
      join(installed, "probes/tcpstates.ts"),
      "--clang",
      "embedded",
    ]);
    const { status, stderr } = spawnSync(check[0] as string, check.slice(1), { encoding: "utf8", cwd: installed });
    expect(stderr).toContain("no errors");
    expect(status).toBe(0);
    expect(existsSync(join(home, ".cache/tsprobe/clang"))).toBe(true);
  });
});
