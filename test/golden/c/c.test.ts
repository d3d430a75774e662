import { describe, expect, test } from "vitest";
import { compileForFixture, goldenCases } from "../compiled.js";

const cases = goldenCases(import.meta.dirname, "c");

/** `npx vitest run test/golden/c -u` writes the results anew. What every program begins with stands only in the first case. */
describe("the C", () => {
  test.each(cases)("%s", async (name, { path, input, script }) => {
    const { c } = await compileForFixture(script);
    const text = name === "tcpstates" ? c : c.slice(c.indexOf("\n\n") + 2);
    await expect(input + text).toMatchFileSnapshot(path);
  });

  test("there are enough cases", () => {
    expect(cases.length).toBeGreaterThanOrEqual(16);
  });
});
