#!/usr/bin/env node
import { loadCode } from "./load.js";

const { code, keep } = loadCode(process.argv[2]);
await code.runProgram(process.argv.slice(2), keep);
