import { release } from "node:os";
import { describe, expect, it } from "vitest";
import { openKernel } from "../../../kernel/info.js";

describe("openKernel", () => {
  it("opens nothing yet: it works without any right", () => {
    expect(openKernel().release).toBe(release());
  });
});
