import { beforeEach, expect, test } from "vitest";
import { every, onExit, onStart } from "../../../dsl/host.js";
import { beginScript, type Script } from "../../../dsl/script.js";
import { refusalOf } from "./refusal.js";

let script: Script;
beforeEach(() => {
  script = beginScript([]);
});

test("what is to be called when is the script's, in order", () => {
  const [a, b, c, d] = [() => {}, () => {}, async () => {}, () => {}];
  onStart(a);
  onStart(b);
  onExit(c);
  every("500ms", d);
  every(2, a);
  expect(script.host).toMatchObject({
    start: [a, b],
    exit: [c],
    every: [
      { ms: 500, callback: d },
      { ms: 2000, callback: a },
    ],
  });
});

test.each(["", "0s", "soon", "-1s", "0.1ms", "1000h", 0, Number.NaN, -1])("the interval %j is refused", (interval) => {
  expect(refusalOf(() => every(interval, () => {}))).toMatchObject({
    code: "TSP2302",
    message: `every(): ${JSON.stringify(interval)} is no interval`,
    hints: ['write a time like "1s", "500ms" or "2m"; a number is seconds'],
  });
});

test("a callback that is no function is refused", () => {
  expect(refusalOf(() => onExit("bye" as never)).hints).toEqual(["write onExit(() => { … })"]);
  expect(refusalOf(() => every("1s", undefined as never)).hints).toEqual(['write every("1s", () => { … })']);
});
