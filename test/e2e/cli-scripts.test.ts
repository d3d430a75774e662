import { chmodSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CliFolder, OWN_EVENTS } from "./harness/cli-folder.js";
import { readJsonLines } from "./harness/read-json.js";
import { describeWhere, requireBuild, requireRoot, requireTracefs } from "./harness/requirements.js";

let folder: CliFolder;
beforeEach(() => {
  folder = new CliFolder();
});
afterEach(() => folder.dispose());

/** Runs a script that sees its own sockets. */
function runOwn(body: string, ...flags: string[]) {
  return folder.run(["run", folder.write("script.ts", OWN_EVENTS + body), ...flags]);
}

describeWhere([requireRoot, requireTracefs, requireBuild], "what scripts may look like", () => {
  describe("taking events", () => {
    test("a callback", async () => {
      const { code, stdout } = await runOwn("states.on((e) => console.log(e.port > 0, e.to));\ntraffic();\n", "--events", "4");
      expect(stdout).toMatch(/^(true (10|7)\n){4}$/);
      expect(code).toBe(0);
    });

    test("for await at top level: break ends the run, after the script's last lines", async () => {
      const body =
        "traffic();\nlet n = 0;\nfor await (const e of states) {\n  console.log(e.to);\n  if (++n === 3) break;\n}\nconsole.log('last line');\n";
      const { code, stdout, stderr } = await runOwn(body);
      expect(stdout).toMatch(/^((10|7)\n){3}last line\n$/);
      expect(stderr).toMatch(/^attached .*\n\d+ events in .*, 0 lost\n/);
      expect(code).toBe(0);
    });

    test("for await ended by --for: the loop ends, and the script's last lines run", async () => {
      const body =
        "traffic();\nlet n = 0;\nfor await (const e of states) n += e.to > 0 ? 1 : 0;\nawait new Promise((resolve) => setTimeout(resolve, 100));\nconsole.log(n > 0);\n";
      const { code, stdout, stderr } = await runOwn(body, "--for", "300ms");
      expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: "true\n" });
    });

    test("an async main that is awaited", async () => {
      const body =
        "async function main(): Promise<void> {\n  let n = 0;\n  for await (const e of states) if (++n === 2) break;\n  await new Promise((resolve) => setTimeout(resolve, 50));\n  console.log('done');\n}\ntraffic();\nawait main();\n".replace(
          "const e of",
          "const _ of",
        );
      const { code, stdout, stderr } = await runOwn(body);
      expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: "done\n" });
    });

    test("an async main that nobody awaits", async () => {
      const body =
        "async function main(): Promise<void> {\n  let n = 0;\n  for await (const _ of states) if (++n === 2) break;\n  console.log('between');\n  for await (const _ of states) if (++n === 4) break;\n  console.log('done');\n}\ntraffic();\nvoid main();\n";
      const { code, stdout, stderr } = await runOwn(body);
      expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: "between\ndone\n" });
    });

    test("two loops over one stream see the same events, a callback too", async () => {
      const body = `const seen: number[][] = [[], [], []];
async function read(list: number[]): Promise<void> {
  for await (const e of states) if (list.push(e.port * 100 + e.to) === 4) break;
}
states.on((e) => { if ((seen[2] as number[]).length < 4) seen[2]?.push(e.port * 100 + e.to); });
traffic();
await Promise.all([read(seen[0] as number[]), read(seen[1] as number[])]);
console.log(seen[0]?.join() === seen[1]?.join(), seen[1]?.join() === seen[2]?.join(), seen[0]?.length);
process.kill(process.pid, "SIGTERM");
`;
      expect(await runOwn(body)).toMatchObject({ code: 143, stdout: "true true 4\n" });
    });

    test("an interval of the script's does not keep the run alive", async () => {
      const body = "setInterval(() => {}, 10);\nstates.on(() => {});\n";
      expect((await runOwn(body, "--for", "100ms")).code).toBe(0);
    });

    test("a stream that nobody takes is still counted and can be printed as JSON", async () => {
      const { code, stdout } = await runOwn("traffic();\n", "--events", "2", "--format", "json");
      expect(code).toBe(0);
      expect(readJsonLines(stdout).length).toBeGreaterThanOrEqual(1);
    });
  });

  describe("sending events", () => {
    test("a channel: two events from one run", async () => {
      folder.write(
        "script.ts",
        `import { createServer } from "node:net";
import { event, pid, tracepoint } from "tsprobe";
const self = process.pid;
const sides = event({ side: "u8", port: "u16" });
tracepoint("sock:inet_sock_set_state", (ctx) => {
  if (pid() !== self) return;
  sides.emit({ side: 1, port: ctx.sport });
  if (ctx.newstate === 10) sides.emit({ side: 2, port: ctx.dport });
});
let n = 0;
const server = createServer();
setTimeout(() => server.listen(0, "127.0.0.1", () => server.close()), 4000);
for await (const e of sides) {
  console.log(e.side, e.port > 0);
  if (++n === 3) break;
}
`,
      );
      const { code, stdout, stderr } = await folder.run(["run", "script.ts"]);
      expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: "1 true\n2 false\n1 true\n" });
    });

    test("two probes in one script, each with its own events", async () => {
      const body = `const enters = tracepoint("raw_syscalls:sys_enter", (ctx) => {
  if (pid() !== self) return;
  return { id: Number(ctx.id) };
});
let calls = 0;
enters.on(() => calls++);
traffic();
let n = 0;
for await (const e of states) if (e.to === 10 && ++n === 2) break;
console.log(calls > 0);
process.exitCode = 0;
process.kill(process.pid, "SIGINT");
`;
      const { code, stdout, stderr } = await runOwn(body);
      expect(stderr).toMatch(/^attached to sock:inet_sock_set_state, raw_syscalls:sys_enter/);
      expect({ code, stdout }).toEqual({ code: 130, stdout: "true\n" });
    });
  });

  describe("other files", () => {
    test("local helpers with fn, in .ts with a .js import, and JSON", async () => {
      folder.write(
        "lib/states.ts",
        'import { fn } from "tsprobe";\nimport { TCP_LISTEN } from "tsprobe/kernel";\nexport const isListen = fn((state: number) => state === TCP_LISTEN);\n',
      );
      folder.write("lib/index.ts", 'export { isListen as listens } from "./states.js";\n');
      folder.write("words.json", '{ "yes": "listens" }\n');
      folder.write(
        "script.ts",
        OWN_EVENTS.replace("return {", "if (!listens(ctx.newstate)) return;\n  return {")
          .replace(
            "\nconst self",
            'import { listens } from "./lib/index.js";\nimport words from "./words.json" with { type: "json" };\n\nconst self',
          )
          .concat("traffic();\nfor await (const e of states) {\n  console.log(words.yes, e.to);\n  break;\n}\n"),
      );
      const { code, stdout, stderr } = await folder.run(["run", "script.ts"]);
      expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: "listens 10\n" });
    });

    test("an npm package of the script's own", async () => {
      const modules = fileURLToPath(new URL("../../node_modules", import.meta.url));
      folder.write("node_modules/.keep", "");
      symlinkSync(join(modules, "magic-string"), join(folder.path, "node_modules", "magic-string"));
      const body =
        'traffic();\nfor await (const e of states) {\n  console.log(new MagicString("state").append("!" + (e.to > 0)).toString());\n  break;\n}\n';
      folder.write("script.ts", `import MagicString from "magic-string";\n${OWN_EVENTS}${body}`);
      const { code, stdout, stderr } = await folder.run(["run", "script.ts"]);
      expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: "state!true\n" });
    });

    test("a path with spaces and letters beyond ASCII", async () => {
      const path = folder.write(
        "meine Sonden/Zustände – 日本 ✓.ts",
        `${OWN_EVENTS}traffic();\nfor await (const e of states) {\n  console.log(e.to > 0);\n  break;\n}\n`,
      );
      const { code, stdout, stderr } = await folder.run(["run", path]);
      expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: "true\n" });
      expect((await folder.run(["show", "c", path])).stdout).toMatch(/#line \d+ ".*Zustände – 日本 ✓\.ts"/);
    });

    test("a symbolic link to a script elsewhere", async () => {
      folder.write(
        "real/script.ts",
        `import { one } from "./beside.js";\n${OWN_EVENTS}states.on((e) => console.log(e.to > 0, one));\ntraffic();\n`,
      );
      folder.write("real/beside.ts", "export const one = 1;\n");
      symlinkSync(join(folder.path, "real/script.ts"), join(folder.path, "link.ts"));
      expect(await folder.run(["run", "link.ts", "--events", "1"])).toMatchObject({ code: 0, stdout: "true 1\n" });
    });

    test("a folder that cannot be written", async () => {
      folder.write("closed/script.ts", `${OWN_EVENTS}states.on((e) => console.log(e.to > 0));\ntraffic();\n`);
      chmodSync(join(folder.path, "closed"), 0o555);
      expect(await folder.run(["run", "closed/script.ts", "--events", "1"])).toMatchObject({ code: 0, stdout: "true\n" });
      chmodSync(join(folder.path, "closed"), 0o755);
    });
  });

  test("top-level await before the probes are declared", async () => {
    folder.write(
      "script.ts",
      `import { readFile } from "node:fs/promises";\nconst text = await readFile(import.meta.filename, "utf8");\n${OWN_EVENTS.replace(/^import.*\n/gm, "")}traffic();\nstates.on(() => console.log(text.length > 10));\n`.replace(
        "const text",
        'import { createServer } from "node:net";\nimport { pid, tracepoint } from "tsprobe";\nconst text',
      ),
    );
    const { code, stdout, stderr } = await folder.run(["run", "script.ts", "--events", "1"]);
    expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: "true\n" });
  });
});
