import { expect, test } from "vitest";
import { refusalsOf, valueIr } from "./lowered.js";

const BOOM = 'throw new Error("boom")';

test.each([
  ["a getter that throws", `const o = { a: 5, get unused() { ${BOOM}; } };`],
  ["a getter in an object inside", `const o = { a: 5, inner: { get unused() { ${BOOM}; } } };`],
  [
    "a getter from defineProperty",
    `const o = Object.defineProperty({ a: 5 }, "unused", { enumerable: true, get() { ${BOOM}; } });`,
  ],
  ["a Proxy", `const o = { a: 5, unused: new Proxy({}, { ownKeys() { ${BOOM}; }, getPrototypeOf() { ${BOOM}; } }) };`],
])("a constant object with %s that the handler does not name", async (_, host) => {
  expect(await valueIr("return { v: o.a };", host)).toBe("5");
});

const getter = {
  code: "TSP2135",
  hints: ["put its value into a const of the module, and name that here"],
};
const proxy = {
  code: "TSP2135",
  hints: ["give a plain object, or a const of the module for each value that the handler needs"],
};

test.each([
  [
    "const o = { get a() { return 5; } };",
    "o.a",
    "o.a",
    { ...getter, message: "o.a is an accessor (get …), which kernel code cannot run" },
  ],
  [
    `const o = { get a() { ${BOOM}; } };`,
    'o["a"]',
    'o["a"]',
    { ...getter, message: "o.a is an accessor (get …), which kernel code cannot run" },
  ],
  [
    "class C { get a() { return 5; } }\nconst o = new C();",
    "o.a",
    "o.a",
    { ...getter, message: "o.a is an accessor (get …), which kernel code cannot run" },
  ],
  [
    `const o = new Proxy({ a: 5 }, { get() { ${BOOM}; } });`,
    "o.a",
    "o",
    { ...proxy, message: "o is a Proxy, which kernel code cannot look into" },
  ],
  [
    "const o = { p: new Proxy({ a: 5 }, {}) };",
    "o.p.a",
    "o.p",
    { ...proxy, message: "o.p is a Proxy, which kernel code cannot look into" },
  ],
])("%s: refused where the handler names it", async (host, expression, at, refusal) => {
  expect(await refusalsOf(`return { v: ${expression} };`, host)).toEqual([{ ...refusal, at }]);
});
