import { expect, test } from "vitest";
import { RunningProcess } from "./harness/process.js";
import { describeWhere, requireBuild, tsprobeEntry } from "./harness/requirements.js";

const probes = new URL("../../probes/", import.meta.url).pathname;

// They end before anything is loaded: no root is needed.
describeWhere([requireBuild], "values that the shipped tools cannot work with", () => {
  test.each([
    ["tcprtt -i 0", "--interval must be at least 1ms"],
    ["tcprtt -d 0", "--duration must be at least 1ms"],
    ["tcprtt --keys 0", "--keys must be at least 1"],
    ["tcprtt --keys 4000000000", "--keys must be at most 65536"],
    ["tcpstates --summary -i 0", "--interval must be at least 1ms"],
    ["tcpconnlat --histogram --interval 0", "--interval must be at least 1ms"],
    ["localports -i 0", "--interval must be at least 1ms"],
    ["localports -i 1000h", "--interval must be at most 596h"],
  ])("%s is refused as a wrong flag", { timeout: 30_000 }, async (line, message) => {
    const [name, ...flags] = line.split(" ");
    const argv = [process.execPath, tsprobeEntry, "run", `${probes}${name}.ts`, "--no-check", ...flags];
    const { stdout, stderr, code } = await new RunningProcess(argv, { NO_COLOR: "1" }).ended;
    expect(stderr).toMatch(/^error\[TSP1102\]: [^\n]+\nhint: give a [^\n]+\n$/);
    expect([stdout, code, stderr]).toEqual(["", 2, expect.stringContaining(message)]);
  });
});
