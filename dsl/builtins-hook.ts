import { defineBuiltin } from "./builtin.js";
import { fakeTask } from "./task.js";

/**
 * What the handler's probe hooks: "tcp:tcp_probe". Of a probe with a pattern, the one that was hit
 * (bpf_get_attach_cookie, Linux 5.15). In handlers only, not in `fn` helpers.
 * @example tracepoint("tcp:*", () => ({ what: probeName(), pid: pid() }));
 */
export const probeName: () => string = defineBuiltin({ name: "probeName" }, () => fakeTask.probeName);
