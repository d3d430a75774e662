/** The commands that work on a script, in one module: each file that Node has to find and read delays the start. */

export { warmUp } from "../compiler/capture/warm-up.js";
export { check } from "./check.js";
export { run } from "./run.js";
export { showScriptHelp } from "./script-help.js";
export { show } from "./show.js";
