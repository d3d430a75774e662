import { iter } from "tsprobe";

export const tasks = iter("task", ({ task }) => (task.pid === task.tgid ? { pid: task.pid, comm: task.comm } : undefined));
