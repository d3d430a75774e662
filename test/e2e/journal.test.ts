import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readJournal, withJournal, withoutJournal } from "./harness/journal.js";
import { RunningProcess } from "./harness/process.js";
import { describeWhere, requireBuild, requireRoot, requireTool, requireTracefs, tsprobeEntry } from "./harness/requirements.js";
import { withTempDir } from "./harness/temp-dir.js";

const script = `import { journal, onStart, stop, tracepoint } from "tsprobe";
tracepoint("sched:sched_process_exit", () => {});
onStart(() => {
  journal({ MESSAGE: "one line", PRIORITY: 6, SYSLOG_IDENTIFIER: "test", BIG: 18446744073709551615n, LEFT_OUT: undefined });
  journal({ MESSAGE: "two\\nlines = with a sign", OK: true, EMPTY: "", WORDS: "ä → ö" });
  stop();
});
`;

describeWhere(
  [requireRoot, requireTracefs, requireBuild, requireTool("unshare", "util-linux"), requireTool("python3")],
  "journal(), in the native protocol",
  () => {
    test("records arrive whole, values with newlines too", { timeout: 90_000 }, async () => {
      await withTempDir(async (folder) => {
        const [path, file] = [join(folder, "script.ts"), join(folder, "journal")];
        writeFileSync(path, script);
        const run = new RunningProcess(withJournal([process.execPath, tsprobeEntry, "run", path, "--no-check"], file));
        const { code, stderr } = await run.ended;
        expect(code, stderr).toBe(0);
        expect(readJournal(file)).toEqual([
          { MESSAGE: "one line", PRIORITY: "6", SYSLOG_IDENTIFIER: "test", BIG: "18446744073709551615" },
          { MESSAGE: "two\nlines = with a sign", OK: "true", EMPTY: "", WORDS: "ä → ö" },
        ]);
        expect(stderr).not.toMatch(/journal/);
      });
    });

    test("what nobody takes is counted and told once", { timeout: 90_000 }, async () => {
      await withTempDir(async (folder) => {
        const path = join(folder, "script.ts");
        writeFileSync(path, script);
        const run = new RunningProcess(withoutJournal([process.execPath, tsprobeEntry, "run", path, "--no-check"]));
        const { code, stderr } = await run.ended;
        expect(code, stderr).toBe(0);
        expect(stderr.match(/.*journal.*/g)).toEqual([
          "2 records could not be sent to the journal (/run/systemd/journal/socket: ENOENT)",
        ]);
      });
    });
  },
);
