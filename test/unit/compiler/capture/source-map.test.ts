import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Built, buildForNode, ScriptFolder } from "./built.js";

let built: Built;
let folder: ScriptFolder;

beforeAll(async () => {
  built = await buildForNode();
  folder = new ScriptFolder();
});
afterAll(() => {
  built.dispose();
  folder.dispose();
});

const SCRIPT = `import { tracepoint } from "tsprobe";
import { af } from "./lib/af.js";

interface Gone { here: true }
const limit: number = 3;
export const states = tracepoint("sock:inet_sock_set_state" as never, (ctx: any) => (ctx.family === af ? { n: ctx.n } : undefined)); states.on((event: any) => {
  const shown: Gone | undefined = undefined;
  if (event.n > limit) throw new RangeError(\`é \${event.n}\`);
  console.log(shown);
});
`;

test("an error thrown in a callback has its line and column in the script, in plain Node", () => {
  folder.write("ü ber/lib/af.ts", "export const af: number = 2;\n");
  const script = folder.write("ü ber/s.ts", SCRIPT);
  const runner = folder.write(
    "runner.mjs",
    `import { loadScript } from ${JSON.stringify(built.url("compiler/capture/load"))};
     import { currentScript } from ${JSON.stringify(built.url("dsl/script"))};
     const script = await loadScript(${JSON.stringify(script)}, { resolveOwn: ${JSON.stringify(built.resolveOwn)} });
     await script.evaluate();
     const [stream] = currentScript().streams;
     try { stream.deliver({ n: 4 }); } catch (error) {
       const [{ span, details, message }] = script.describeError(error);
       console.log(JSON.stringify({ at: span.file.text.slice(span.start, span.end), details, message }));
     }
     stream.deliver({ n: 5 });`,
  );
  const { stdout, stderr, status } = spawnSync(process.execPath, [runner], { encoding: "utf8" });
  const place = `${script}:8:30`;
  expect(JSON.parse(stdout)).toEqual({
    at: "new RangeError",
    message: "the script failed: RangeError: é 4",
    details: `RangeError: é 4\n    at ${place}`,
  });
  expect(status).toBe(1);
  expect(stderr).toContain("RangeError: é 5");
  expect(stderr).toContain(place);
});
