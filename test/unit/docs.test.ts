import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import { failureExits, signalExits } from "../../cli/exit.js";
import { commandNames } from "../../cli/flags-commands.js";
import { blocksOf, inHandler, languageExamples, page } from "../e2e/harness/pages.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const run = promisify(execFile);

/** A project that has tsprobe installed. */
const project = realpathSync(mkdtempSync(join(tmpdir(), "tsprobe-docs-")));
mkdirSync(join(project, "node_modules"));
symlinkSync(root, join(project, "node_modules", "tsprobe"));
symlinkSync(join(root, "node_modules", "vitest"), join(project, "node_modules", "vitest"));
writeFileSync(join(project, "package.json"), '{ "type": "module" }');
afterAll(() => rmSync(project, { recursive: true, force: true }));

interface Outcome {
  readonly code: number;
  readonly stderr: string;
}

async function tsprobe(...args: string[]): Promise<Outcome> {
  try {
    const { stderr } = await run(process.execPath, [join(root, "dist/cli/main.js"), ...args], { cwd: project });
    return { code: 0, stderr };
  } catch (error) {
    const { code, stderr } = error as { code: number; stderr: string };
    return { code, stderr };
  }
}

async function check(name: string, text: string): Promise<Outcome> {
  writeFileSync(join(project, name), text);
  return tsprobe("check", name);
}

const language = languageExamples();
const { prelude } = language;

describe("README", () => {
  const scripts = blocksOf("README.md");
  const probes = scripts.filter(({ text }) => !text.includes("vitest"));

  test.each(probes)("the script in line $line passes tsprobe check", async ({ text, line }) => {
    expect(await check(`readme-${line}.ts`, text)).toEqual({ code: 0, stderr: `readme-${line}.ts: 1 probe, no errors\n` });
  });

  test("its unit test passes, in a project of its own", async () => {
    const unitTest = scripts.find(({ text }) => text.includes("vitest"))?.text as string;
    writeFileSync(join(project, "mine.ts"), probes.at(-1)?.text as string);
    writeFileSync(join(project, "mine.test.ts"), unitTest);
    const vitest = join(root, "node_modules/vitest/vitest.mjs");
    const { stdout } = await run(process.execPath, [vitest, "run", "--root", project], {
      cwd: project,
      env: { ...process.env, NO_COLOR: "1" },
    });
    expect(stdout).toMatch(/Tests {2}1 passed/);
  });

  test("the error it shows is the one that tsprobe gives", async () => {
    const shown = /^\$ npx tsprobe check mine\.ts\n([\s\S]*?)^```/m.exec(page("README.md"))?.[1];
    const script = [
      'import { tracepoint } from "tsprobe";',
      'import { TCP_ESTABLISHED } from "tsprobe/kernel";',
      'export const s = tracepoint("sock:inet_sock_set_state", (ctx) => {',
      "  if (ctx.newstate !== TCP_ESTABLISHED) return;",
      "  return { percent: ctx.dport / 100 };",
      "});",
    ];
    expect(await check("mine.ts", script.join("\n"))).toEqual({ code: failureExits.language.code, stderr: shown });
  });

  test("its exit codes are those of cli/exit.ts", () => {
    const rows = [...page("README.md").matchAll(/^\| (\d[\d, ]*) \| (.*) \|$/gm)].map(([, codes, meaning]) => ({
      codes,
      meaning,
    }));
    const failures = Object.values(failureExits).map(({ code, meaning }) => ({ codes: String(code), meaning }));
    expect(rows.slice(1, -1)).toEqual(failures);
    expect(rows[0]?.codes).toBe("0");
    expect(rows.at(-1)?.codes).toBe(Object.values(signalExits).join(", "));
  });

  test("it names every command", () => {
    const text = page("README.md");
    expect(commandNames.filter((name) => !text.includes(`\`tsprobe ${name}`))).toEqual([]);
  });
});

describe("docs/language.md", () => {
  test("begins with what its examples share", () => {
    expect(prelude.tag).toBe("ts prelude");
  });

  test.each(language.short)("the example in line $line compiles and has the right types", async ({ text, line }) => {
    // With an event channel among its declarations a script needs no other stream.
    const outcome = await check(`language-${line}.ts`, `${prelude.text}\n${inHandler(text)}`);
    expect(outcome).toEqual({ code: 0, stderr: `language-${line}.ts: 1 probe, no errors\n` });
  });

  test.each(language.scripts)("the script in line $line compiles and has the right types", async ({ text, line }) => {
    const { code, stderr } = await check(`language-${line}.ts`, text);
    expect(stderr).toMatch(new RegExp(`^language-${line}\\.ts: \\d+ probes?, no errors\\n$`));
    expect(code).toBe(0);
  });

  test("what it says is refused is refused, each line for its reason", async () => {
    const lines = language.refused.flatMap(({ text }) => text.trim().split("\n"));
    expect(lines.length).toBeGreaterThan(30);
    const named = lines.map((line) => line.match(/^(.*) \/\/ (TSP\d+)$/) ?? expect.fail(`${line} names no code`));
    const head = `${prelude.text}\n`;
    writeFileSync(join(project, "refused.ts"), head + named.map(([, code]) => inHandler(`${code}\n`)).join(""));
    const { stderr } = await tsprobe("show", "c", "refused.ts");
    const reports = stderr.split(/^(?=error\[)/m).map((report) => ({
      code: /^error\[(TSP\d+)\]/.exec(report)?.[1],
      // A handler takes three lines, its statement is the second.
      statement: (Number(/refused\.ts:(\d+):/.exec(report)?.[1]) - head.split("\n").length - 1) / 3,
    }));
    const expected = named.map(([, , code], statement) => ({ code, statement }));
    expect(reports.sort((a, b) => a.statement - b.statement)).toEqual(expected);
  });
});

test("CONTRIBUTING names every dependency", () => {
  const { dependencies, devDependencies } = JSON.parse(page("package.json")) as Record<string, Record<string, string>>;
  const text = page("CONTRIBUTING.md");
  expect(Object.keys({ ...dependencies, ...devDependencies }).filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
});

test("links between pages lead somewhere", () => {
  const pages = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/architecture.md", "docs/language.md"];
  const broken = pages.flatMap((name) =>
    [...page(name).matchAll(/\]\((?!https?:)([^)#]+)/g)]
      .map((match) => join(dirname(name), match[1] as string))
      .filter((target) => {
        try {
          realpathSync(join(root, target));
          return false;
        } catch {
          return true;
        }
      })
      .map((target) => `${name}: ${target}`),
  );
  expect(broken).toEqual([]);
});
