import { expect, test } from "vitest";
import { exactly, S64, U64 } from "../../../../../compiler/ir/range.js";
import { bigintType, type IrType } from "../../../../../compiler/ir/types.js";
import { unify } from "../../../../../compiler/passes/lower/coerce.js";

const address = bigintType(U64, false, true);
const none = bigintType(exactly(0n), true);
const [eight, any] = [bigintType(exactly(8n), true), bigintType(S64, true)];

test.each<[string, IrType, IrType, boolean]>([
  ["two addresses", address, address, true],
  ["an address or 0n, which stands for none", address, none, true],
  ["0n or an address", none, address, true],
  ["an address or another constant", address, eight, false],
  ["an address or any number", any, address, false],
  ["0n or 0n", none, none, false],
])("%s: an address? (unify)", (_, a, b, isAddress) => {
  expect(unify(a, b)).toMatchObject({ kind: "bigint", address: isAddress });
  if (isAddress) expect(unify(a, b)).toMatchObject({ signed: false });
});
