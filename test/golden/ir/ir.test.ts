import { describe, expect, test } from "vitest";
import { printModule } from "../../../compiler/ir/print.js";
import { compileForFixture, goldenCases } from "../compiled.js";

const cases = goldenCases(import.meta.dirname, "ir");

/** `npx vitest run test/golden/ir -u` writes the results anew. */
describe("the intermediate representation", () => {
  test.each(cases)("%s", async (_, { path, input, script }) => {
    const { module } = await compileForFixture(script);
    await expect(input + printModule(module)).toMatchFileSnapshot(path);
  });

  test("there are enough cases", () => {
    expect(cases.length).toBeGreaterThanOrEqual(16);
  });
});
