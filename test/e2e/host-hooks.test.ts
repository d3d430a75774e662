import { afterEach, beforeEach, expect, test } from "vitest";
import { CliFolder, OWN_EVENTS } from "./harness/cli-folder.js";
import { describeWhere, requireBuild, requireRoot, requireTracefs } from "./harness/requirements.js";

let folder: CliFolder;
beforeEach(() => {
  folder = new CliFolder();
});
afterEach(() => folder.dispose());

function runOwn(body: string, ...flags: string[]) {
  const head = OWN_EVENTS.replace("{ pid, tracepoint }", "{ count, every, onExit, onStart, pid, stop, table, tracepoint }");
  return folder.run(["run", folder.write("script.ts", head + body), ...flags]);
}

describeWhere([requireRoot, requireTracefs, requireBuild], "callbacks of the host", () => {
  test("onStart comes when events are seen, onExit after the last event, every in between", async () => {
    const body = `let [ticks, events, atExit] = [0, 0, -1];
onStart(() => { console.log("start", events); traffic(); });
states.on(() => { if (atExit !== -1) console.log("too late"); events++; });
every("100ms", () => { ticks++; });
onExit(async () => {
  atExit = events;
  await new Promise((resolve) => setTimeout(resolve, 50));
  console.log("exit", events > 0, events === atExit, ticks >= 5 && ticks <= 12);
});
`;
    const { code, stdout, stderr } = await runOwn(body, "--for", "1200ms");
    expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: "start 0\nexit true true true\n" });
  });

  test("an interval does not overtake a callback at work", async () => {
    const body = `let [calls, atOnce, most] = [0, 0, 0];
every("20ms", async () => {
  calls++;
  most = Math.max(most, ++atOnce);
  await new Promise((resolve) => setTimeout(resolve, 90));
  atOnce--;
});
onExit(() => console.log(most, calls >= 2 && calls <= 12));
states.on(() => {});
`;
    expect(await runOwn(body, "--for", "1s")).toMatchObject({ code: 0, stdout: "1 true\n" });
  });

  test.each([
    ["onStart", "onStart(() => { throw new Error('no'); });"],
    ["every", "every('10ms', async () => { throw new Error('no'); });"],
    ["onExit", "onExit(() => { throw new Error('no'); });"],
  ])("what %s throws ends the run at its place", async (name, call) => {
    const { code, stderr } = await runOwn(`states.on(() => {});\n${call}\n`, "--for", "2s");
    expect(stderr).toContain("the script failed: Error: no");
    expect(stderr).toMatch(/script\.ts:\d+:\d+/);
    expect(stderr).toContain(call);
    expect(code, name).not.toBe(0);
  });

  test("async callbacks of events and intervals come to their end before onExit", async () => {
    const body = `const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
let [began, ended, ticks] = [0, 0, 0];
states.on(async () => { began++; await wait(300); ended++; });
every("100ms", async () => { await wait(400); ticks++; stop(); });
onStart(() => traffic());
onExit(() => console.log(began > 0, began === ended, ticks));
`;
    expect(await runOwn(body)).toMatchObject({ code: 0, stdout: "true true 1\n" });
  });

  test.each([
    [
      "an async callback, after the run's end",
      "states.on(async () => { await wait(100); throw new Error('no'); });\nonStart(stop);",
    ],
    ["a promise in onExit that nobody waits for", "onExit(() => { Promise.reject(new Error('no')); });\nonStart(stop);"],
  ])("what is thrown late is told: %s", async (_, calls) => {
    const body = `const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));\nonStart(() => traffic());\n${calls}\n`;
    const { code, stderr } = await runOwn(body.replace("onStart(stop)", "onStart(async () => { await wait(300); stop(); })"));
    expect(stderr).toContain("the script failed: Error: no");
    expect(code).toBe(1);
  });

  test("stop() before the probes are attached ends the run as soon as they are", async () => {
    const body = "states.on(() => {});\nonExit(() => console.log('exit'));\nstop();\n";
    expect(await runOwn(body)).toMatchObject({ code: 0, stdout: "exit\n" });
    const later = await runOwn(
      `${body.replace("stop();", "")}await new Promise((resolve) => setTimeout(resolve, 100));\nstop();\n`,
    );
    expect(later).toMatchObject({ code: 0, stdout: "exit\n" });
  });

  test("callbacks may add intervals, and starts, which come at once", async () => {
    const body = `states.on(() => {});
onStart(async () => {
  every("50ms", () => { console.log("first"); });
  await Promise.resolve();
  onStart(() => console.log("start"));
  every("1s", () => { console.log("second"); stop(); });
});
`;
    const { code, stdout } = await runOwn(body);
    expect(stdout).toMatch(/^start\n(first\n){5,}second\n$/);
    expect(code).toBe(0);
  });

  test.each([
    ["a probe", "tracepoint('sched:sched_switch', () => ({ pid: pid() }))"],
    ["an aggregation", "count()"],
    ["a table", "table(states, ['port'])"],
  ])("%s that is declared in a callback is refused at its place", async (_, call) => {
    const { code, stderr } = await runOwn(`states.on(() => {});\nonStart(() => {\n  ${call};\n});\n`, "--for", "2s");
    expect(stderr).toContain("error[TSP2302]: this declaration comes too late");
    expect(stderr).toContain(`|   ${call};`);
    expect(code).toBe(1);
  });

  test("onExit runs after Ctrl-C too", async () => {
    const head = OWN_EVENTS.replace("{ pid, tracepoint }", "{ onExit, onStart, pid, tracepoint }");
    const script = folder.write(
      "script.ts",
      `${head}onStart(() => console.log("on"));\nonExit(() => console.log("off"));\nstates.on(() => {});\n`,
    );
    const running = folder.start(["run", script]);
    await running.until(() => running.stdout.includes("on\n"), "the start");
    expect(await running.stop("SIGINT")).toMatchObject({ code: 130, stdout: "on\noff\n" });
  });
});
