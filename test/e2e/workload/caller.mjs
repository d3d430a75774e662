/**
 * Makes system calls of a number that none has: `caller.mjs NUMBER COUNT SECOND`. The first argument of the calls counts from 0,
 * the second is the same for all. Waits for a line on standard input before it begins.
 */
import { once } from "node:events";
import { DataType, load, open } from "ffi-rs";

const [number, count, second] = process.argv.slice(2).map(BigInt);
open({ library: "self", path: "" });
const call = {
  library: "self",
  funcName: "syscall",
  retType: DataType.BigInt,
  paramsType: [DataType.BigInt, DataType.BigInt, DataType.BigInt],
};
console.log("ready");
await once(process.stdin, "data");
for (let i = 0n; i < count; i++) load({ ...call, paramsValue: [number, i, second] });
process.exit(0);
