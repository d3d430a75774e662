import { expect, test } from "vitest";
import { declareFilters, isFilterFlag } from "../../../dsl/filters.js";
import { opt } from "../../../dsl/opt.js";
import { options } from "../../../dsl/options.js";
import { beginScript } from "../../../dsl/script.js";

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

test("which words are filters' flags", () => {
  expect(["--pid", "-p", "-c", "--command", "--cgroup"].every(isFilterFlag)).toBe(true);
  expect(["--pids", "-x", "pid", "-C"].some(isFilterFlag)).toBe(false);
});
