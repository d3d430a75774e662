/** All code of tsprobe, as `cli/load.ts` finds it: the build makes one file of it. */

import * as capture from "../dsl/capture.js";
import * as dsl from "../dsl/index.js";
import * as kernel from "../dsl/kernel/index.js";
import * as test from "../dsl/test/index.js";

export { runProgram } from "./program.js";

/** What scripts import, by the path in dist/ of the module that exports it. */
export const modules = {
  "dsl/capture.js": capture,
  "dsl/index.js": dsl,
  "dsl/kernel/index.js": kernel,
  "dsl/test/index.js": test,
};
