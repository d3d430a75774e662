import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CliFolder } from "./harness/cli-folder.js";
import { describeWhere, requireBuild } from "./harness/requirements.js";

const SCRIPT = `import { tracepoint } from "tsprobe";
export const states = tracepoint("sock:inet_sock_set_state", (ctx) => ({ port: ctx.sport }));
`;

describeWhere([requireBuild], "what V8 has compiled of tsprobe", () => {
  let folder: CliFolder;
  beforeEach(() => {
    folder = new CliFolder();
    // Not that of the other tests.
    rmSync(join(folder.cache, "code"), { force: true });
    folder.write("s.ts", SCRIPT);
  });
  afterEach(() => folder.dispose());

  const code = () => join(folder.cache, "code");
  const entries = () => readdirSync(code()).map((name) => ({ name, changed: statSync(join(code(), name)).mtimeMs }));
  const only = () => join(code(), entries()[0]?.name ?? "");

  async function run(...args: string[]): Promise<void> {
    const { code, stderr } = await folder.run(args);
    expect(code, stderr).toBe(0);
    expect(stderr).not.toMatch(/tsprobe itself|Warning/);
  }
  const show = () => run("show", "c", "s.ts");

  test("is kept, and taken at the next start", async () => {
    await show();
    const kept = entries();
    expect(kept).toHaveLength(1);
    expect(statSync(only()).size).toBeGreaterThan(300_000);
    expect(statSync(only()).mode & 0o777).toBe(0o600);
    // Had V8 refused it, it would have been made anew.
    await show();
    expect(entries()).toEqual(kept);
  });

  test("is kept for each command, not for those that do little", async () => {
    await show();
    await run("check", "s.ts");
    expect(entries()).toHaveLength(2);
    await run("help");
    await run("--version");
    expect(entries()).toHaveLength(2);
  });

  test.each([
    ["cut off", (path: string) => truncateSync(path, 1000)],
    ["empty", (path: string) => truncateSync(path, 0)],
    [
      "changed in one byte",
      (path: string) => {
        const bytes = readFileSync(path);
        bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
        writeFileSync(path, bytes);
      },
    ],
  ])("is made anew when it is %s", async (_, damage) => {
    await show();
    const before = statSync(only());
    damage(only());
    await show();
    const after = statSync(only());
    expect(after.mtimeMs).not.toBe(before.mtimeMs);
    expect(Math.abs(after.size - before.size)).toBeLessThan(before.size * 0.1);
  });

  test("of a V8 with other flags is not taken", async () => {
    await show();
    const before = entries();
    const { code, stderr } = await folder.run(["show", "c", "s.ts"], { NODE_OPTIONS: "--jitless" });
    expect(code, stderr).toBe(0);
    expect(entries()[0]?.name).toBe(before[0]?.name);
    expect(entries()[0]?.changed).not.toBe(before[0]?.changed);
  });

  test("is no obstacle where nothing can be kept", async () => {
    mkdirSync(folder.cache, { recursive: true });
    writeFileSync(code(), "no folder");
    await show();
    expect(readFileSync(code(), "utf8")).toBe("no folder");
  });
});
