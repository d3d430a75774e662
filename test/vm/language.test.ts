import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { languageScripts } from "../e2e/harness/language-scripts.js";
import { tsprobeEntry } from "../e2e/harness/requirements.js";
import { describeInVms, runInVm, scriptPath, TOOL_KERNELS } from "./harness/vm.js";

const workload = new URL("../fixtures/some-of-everything.mjs", import.meta.url).pathname;
/** Those that this kernel may refuse. */
const scripts = languageScripts().filter(({ elsewhere }) => elsewhere);

describeInVms((version) => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "tsprobe-language-"));
    for (const { line, text } of scripts) writeFileSync(join(folder, `line-${line}.ts`), text);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("the examples of docs/language.md that hook functions or iterate", { timeout: 400_000 }, async () => {
    const paths = scripts.map(({ line }) => join(folder, `line-${line}.ts`));
    const { stdout, status } = await runInVm(version, [scriptPath("language.sh"), tsprobeEntry, workload, ...paths], 380_000);
    expect(status, stdout).toBe(0);
    const [, ...parts] = stdout.split(/^script: .*$/m);
    expect(parts, stdout).toHaveLength(scripts.length);
    for (const [i, part] of parts.entries()) {
      expect(part).toMatch(/^ended with 130$/m);
      expect(part).toMatch(scripts[i]?.shows as RegExp);
      expect(part).not.toMatch(/^words: error/m);
    }
  });
}, TOOL_KERNELS);
