import { createExpr, type Expr, type KernelMemberType, type KernelStructRef, type PathStep } from "../../../ir/nodes.js";
import { createRange, rangeOfWidth } from "../../../ir/range.js";
import { type IrType, numberType, optionalType } from "../../../ir/types.js";
import { checkCount } from "../calls.js";
import { constantExpr } from "../coerce.js";
import { pathText } from "../kernel-struct.js";
import { type BuiltinLowering, type BuiltinUse, builtinExpr } from "./use.js";

/** Members of kernel structs that are part of builtins; CO-RE finds their places on the running kernel. */
const structRef = (key: string): KernelStructRef => Object.freeze({ of: "struct", key, typedef: false });
const step = (struct: string, member: string, type: KernelMemberType): PathStep =>
  Object.freeze({ kind: "member", struct: structRef(struct), member, type });
const pointerTo = (struct: string, nullable: boolean): IrType => Object.freeze({ kind: "pointer", struct, nullable });

const REAL_PARENT = step("task_struct", "real_parent", { kind: "pointer", struct: "task_struct" });
const TGID = step("task_struct", "tgid", { kind: "int", size: 4, signed: true });
const NSPROXY = step("task_struct", "nsproxy", { kind: "pointer", struct: "nsproxy" });
const NET_NS = step("nsproxy", "net_ns", { kind: "pointer", struct: "net" });
const NS = step("net", "ns", { kind: "struct", struct: structRef("ns_common") });
const INUM = step("ns_common", "inum", { kind: "int", size: 4, signed: false });

function read({ f, span }: BuiltinUse, pointer: Expr, path: readonly PathStep[], type: IrType): Expr {
  const site = f.site("read", span, pathText(path));
  return createExpr({ kind: "kernel-read", pointer, path: Object.freeze([...path]), indices: [], site, span, type });
}

const currentTask = (use: BuiltinUse): Expr => builtinExpr("curtask", [], pointerTo("task_struct", false), use);

/** ppid(): the parent is never null: a task whose parent ends gets another (forget_original_parent, kernel/exit.c). */
export const lowerPpid: BuiltinLowering = (use) => {
  checkCount(use.f, use.node, 0, "ppid()");
  const parent = read(use, currentTask(use), [REAL_PARENT], pointerTo("task_struct", false));
  // A pid is a positive int (PID_MAX_LIMIT, include/linux/threads.h).
  return read(use, parent, [TGID], numberType(createRange(0n, 2n ** 31n - 1n)));
};

/** netns(): 0 when the task has no nsproxy any more (exit_task_namespaces, kernel/nsproxy.c). */
export const lowerNetns: BuiltinLowering = (use) => {
  const { f, span } = use;
  checkCount(f, use.node, 0, "netns()");
  const type = numberType(rangeOfWidth(4, false));
  const nsproxy = read(use, currentTask(use), [NSPROXY], pointerTo("nsproxy", true));
  return f.inScope(() => {
    const bound = f.declare("nsproxy", pointerTo("nsproxy", false), false);
    const net = read(use, createExpr({ kind: "local", local: bound, span, type: bound.type }), [NET_NS], pointerTo("net", false));
    const maybe = optionalType(type);
    const result = createExpr({ kind: "wrap", operand: read(use, net, [NS, INUM], type), span, type: maybe });
    const found = createExpr({ kind: "if-not-null", pointer: nsproxy, bound, result, span, type: maybe });
    return createExpr({ kind: "default", left: found, right: constantExpr(0, span), span, type });
  });
};
