import { opt, options, type U16Set } from "tsprobe";
import { is, type Same } from "./assert.js";

const opts = options({
  all: opt.flag({ flag: "--all", help: "" }),
  ports: opt.u16Set({ flag: "--ports <list>", help: "" }),
  port: opt.u16({ flag: "--port <n>", help: "" }),
  limit: opt.u32({ flag: "--limit <n>", help: "", default: 10 }),
  least: opt.u64({ flag: "--least <n>", help: "", default: 0n }),
  most: opt.u64({ flag: "--most <n>", help: "" }),
  name: opt.string({ flag: "--name <text>", help: "" }),
  title: opt.string({ flag: "--title <text>", help: "", default: "none" }),
});

is<Same<typeof opts.all, boolean>>();
is<Same<typeof opts.ports, U16Set>>();
is<Same<typeof opts.port, number | undefined>>();
is<Same<typeof opts.limit, number>>();
is<Same<typeof opts.least, bigint>>();
is<Same<typeof opts.most, bigint | undefined>>();
is<Same<typeof opts.name, string | undefined>>();
is<Same<typeof opts.title, string>>();

// @ts-expect-error not declared
opts.other;
// @ts-expect-error options do not change
opts.all = true;
// @ts-expect-error a 64-bit default is a bigint
opt.u64({ flag: "--x <n>", help: "", default: 1 });
// @ts-expect-error a switch has no default
opt.flag({ flag: "--x", help: "", default: true });
// @ts-expect-error a flag without help
opt.flag({ flag: "--x" });
