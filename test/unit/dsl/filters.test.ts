import { expect, test } from "vitest";
import { declareFilters, isFilterFlag } from "../../../dsl/filters.js";
import { opt } from "../../../dsl/opt.js";
import { checkScriptArguments, options } from "../../../dsl/options.js";
import { beginScript } from "../../../dsl/script.js";
import { usage } from "../../../dsl/usage.js";
import { refusalOf } from "./refusal.js";

test("a script without flags has them all", () => {
  const script = beginScript(["-p", "7", "--comm", "curl", "-c", "curl localhost"]);
  expect(declareFilters(script)).toEqual({
    pid: 7,
    comm: "curl",
    uid: undefined,
    cgroup: undefined,
    netns: undefined,
    command: "curl localhost",
  });
});

test("a script's own flag of the same name stays the script's, long or short", () => {
  const script = beginScript(["-p", "80", "--uid", "everybody", "--pid", "9"]);
  const own = options({
    lport: opt.u16({ flag: "-p, --lport <port>", help: "local port" }),
    uid: opt.string({ flag: "--uid <who>", help: "which users" }),
  });
  const filters = declareFilters(script);
  expect(own).toEqual({ lport: 80, uid: "everybody" });
  expect(filters).toMatchObject({ pid: 9 });
  expect("uid" in filters).toBe(false);
});

test("a script that they would mislead has none, and says why", () => {
  const script = beginScript(["--least", "3", "-p", "7"]);
  usage({ about: "x", noTaskFilters: "packets arrive anywhere; choose by --least" });
  options({ least: opt.u16({ flag: "--least <n>", help: "" }) });
  expect(declareFilters(script)).toEqual({});
  expect(refusalOf(() => checkScriptArguments(script, () => []))).toMatchObject({
    message: "-p would mislead here",
    hints: ["packets arrive anywhere; choose by --least"],
  });
});

test("which words are filters' flags", () => {
  expect(["--pid", "-p", "-c", "--command", "--cgroup"].every(isFilterFlag)).toBe(true);
  expect(["--pids", "-x", "pid", "-C"].some(isFilterFlag)).toBe(false);
});
