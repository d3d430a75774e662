import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import type { Tracefs } from "../../kernel/tracefs.js";
import { describeWhere, requireRoot, requireTool } from "./harness/requirements.js";

interface Answer {
  readonly first?: Tracefs;
  readonly second?: Tracefs;
  readonly tracepoints?: number;
  readonly diagnostic?: Diagnostic;
  readonly explanation: Diagnostic | null;
  readonly bpf: boolean;
}

/** Opens tracefs twice and says what it found: run in mount namespaces and as users of its own, so that this machine stays as it is. */
const PROGRAM = `
import { explainPermission, hasCapability } from "./kernel/capabilities.js";
import { openTracefs } from "./kernel/tracefs.js";
import { listTracepoints } from "./kernel/tracepoints.js";
const answer = { explanation: explainPermission() ?? null, bpf: hasCapability("CAP_BPF") };
try {
  answer.first = openTracefs();
  answer.second = openTracefs();
  answer.tracepoints = listTracepoints(answer.first).length;
} catch (error) {
  answer.diagnostic = error.diagnostics[0];
}
console.log(JSON.stringify(answer));
`;

const AS_NOBODY = "setpriv --reuid=65534 --regid=65534 --clear-groups";
const UNMOUNT = "while umount -l $(awk '$3 == \"tracefs\" { print $2; exit }' /proc/self/mounts) 2>/dev/null; do :; done";
const MOUNT = "mount -t tracefs t /sys/kernel/tracing";

describeWhere(
  [requireRoot, requireTool("unshare", "util-linux"), requireTool("setpriv", "util-linux")],
  "tracefs and permissions",
  () => {
    let folder: string;
    let node: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), "tsprobe-permissions-"));
      chmodSync(folder, 0o755);
      const root = fileURLToPath(new URL("../../", import.meta.url));
      buildSync({
        stdin: { contents: PROGRAM, resolveDir: root, loader: "js" },
        bundle: true,
        platform: "node",
        format: "esm",
        outfile: join(folder, "program.mjs"),
        logLevel: "error",
      });
      node = `"${process.execPath}" "${join(folder, "program.mjs")}"`;
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    /** Runs shell commands in a mount namespace of their own; the last one prints the answer. */
    function inNamespace(...commands: string[]): Answer {
      const run = spawnSync("unshare", ["--mount", "sh", "-ec", commands.join("\n")], { encoding: "utf8" });
      if (run.status !== 0) throw new Error(`${run.status ?? run.error}: ${run.stderr}`);
      return JSON.parse(run.stdout.trim()) as Answer;
    }

    it("mounts it as root when it is not mounted, once", () => {
      const answer = inNamespace(UNMOUNT, node);
      expect(answer.first).toEqual({ root: "/sys/kernel/tracing", mountedNow: true });
      expect(answer.second).toEqual({ root: "/sys/kernel/tracing", mountedNow: false });
      expect(answer.tracepoints).toBeGreaterThan(500);
    });

    it("takes the one that is mounted", () => {
      expect(inNamespace(UNMOUNT, MOUNT, node).first).toEqual({ root: "/sys/kernel/tracing", mountedNow: false });
    });

    it("finds it wherever it is mounted", () => {
      const elsewhere = join(folder, "trace here");
      mkdirSync(elsewhere);
      expect(inNamespace(UNMOUNT, `mount -t tracefs t "${elsewhere}"`, node).first).toEqual({
        root: elsewhere,
        mountedNow: false,
      });
    });

    it("tells a user without root how to mount it", () => {
      const { diagnostic } = inNamespace(UNMOUNT, `${AS_NOBODY} ${node}`);
      expect(diagnostic).toMatchObject({
        code: "TSP1201",
        failure: "permission",
        message: expect.stringContaining("not mounted"),
      });
      expect(diagnostic?.hints?.[0]).toBe("mount it: sudo mount -t tracefs tracefs /sys/kernel/tracing");
    });

    it("tells a user without root that it may not be read, when it is mounted", () => {
      const { diagnostic } = inNamespace(UNMOUNT, MOUNT, `${AS_NOBODY} ${node}`);
      expect(diagnostic).toMatchObject({
        code: "TSP1202",
        failure: "permission",
        message: expect.stringContaining("may not read"),
      });
    });

    it("says what mount said when root may not mount", () => {
      const { diagnostic } = inNamespace(UNMOUNT, `setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin ${node}`);
      expect(diagnostic).toMatchObject({ code: "TSP1201", failure: "permission" });
      expect(diagnostic?.hints?.[0]).toMatch(/mounting it failed \(.*permission denied/i);
    });

    it("says so when there is no mount program", () => {
      const { diagnostic } = inNamespace(UNMOUNT, `PATH=/nonexistent ${node}`);
      expect(diagnostic?.hints?.[0]).toBe("mounting it failed (mount could not be run: ENOENT)");
    });

    it("knows a kernel that has none", () => {
      writeFileSync(join(folder, "filesystems"), "nodev\tsysfs\nnodev\tdebugfs\n\text4\n");
      const { diagnostic } = inNamespace(UNMOUNT, `mount --bind "${join(folder, "filesystems")}" /proc/filesystems`, node);
      expect(diagnostic).toMatchObject({ code: "TSP1203", failure: "kernel" });
    });

    it("names the capabilities a plain user lacks", () => {
      const answer = inNamespace(`${AS_NOBODY} ${node}`);
      expect(answer.bpf).toBe(false);
      expect(answer.explanation).toMatchObject({ code: "TSP1221", message: expect.stringContaining("CAP_BPF and CAP_PERFMON") });
    });

    it("finds nothing missing with the capabilities that the hint gives", () => {
      const caps = "+bpf,+perfmon,+dac_read_search";
      const answer = inNamespace(UNMOUNT, MOUNT, `${AS_NOBODY} --inh-caps=${caps} --ambient-caps=${caps} ${node}`);
      expect(answer).toMatchObject({ bpf: true, explanation: null, first: { mountedNow: false } });
    });

    it("finds nothing missing as root", () => {
      expect(inNamespace(node).explanation).toBeNull();
    });

    it("is not deceived by root in a user namespace", () => {
      const run = spawnSync("unshare", ["--user", "--map-root-user", "sh", "-c", node], { encoding: "utf8" });
      expect(JSON.parse(run.stdout) as Answer).toMatchObject({ bpf: true, explanation: { code: "TSP1222" } });
    });
  },
);
