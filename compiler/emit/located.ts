import type { LocatedPlace } from "../../hooks/hook.js";
import type { UserLocation } from "../../kernel/user/usdt-argument.js";
import type { Site } from "../ir/nodes.js";
import { integerName } from "./c-types.js";
import { printInteger } from "./literals.js";
import type { FunctionPrinter } from "./printer.js";

type Memory = Extract<UserLocation, { kind: "memory" }>;

/**
 * Reads an argument of a user program from where it is: a register, a constant, or memory of the process. Where that differs
 * from place to place, the cookie given when attaching says which it is (bpf_get_attach_cookie, Linux 5.15).
 * @returns the name of a variable of 64 bits with the value, extended by the sign it has in the program
 */
export function printLocated(
  p: FunctionPrinter,
  context: string,
  name: string,
  places: readonly LocatedPlace[],
  site: Site | undefined,
): string {
  const value = p.temporary(name);
  const [first, ...others] = places as [LocatedPlace, ...LocatedPlace[]];
  p.step(`__u64 ${value};`);
  if (others.length === 0) {
    p.step(readPlace(p, context, value, first, site));
    return value;
  }
  p.step(`switch (bpf_get_attach_cookie(${context})) {`);
  for (const place of others) {
    const labels = place.cookies.map((cookie) => `case ${cookie}:`).join(" ");
    p.step(`${labels} ${readPlace(p, context, value, place, site)} break;`);
  }
  // All cookies are ours, so what is left is the first place.
  p.step(`default: ${readPlace(p, context, value, first, site)}`, "}");
  return value;
}

/** One statement that gives the variable its value. */
function readPlace(
  p: FunctionPrinter,
  context: string,
  value: string,
  { size, signed, location }: LocatedPlace,
  site: Site | undefined,
): string {
  const type = integerName(size, signed);
  switch (location.kind) {
    case "constant":
      return `${value} = (${type})${printInteger(location.value)};`;
    case "register":
      return `${value} = (${type})LOAD(${size * 8}, ${context}, ${location.register});`;
    case "memory": {
      if (site === undefined) throw new Error("a read of memory without a place to count");
      const read = `bpf_probe_read_user(&tsp_word, ${size}, (const void *)(${addressOf(context, location)}))`;
      return `{ ${type} tsp_word; if (${read}) ${p.fail(site)} ${value} = tsp_word; }`;
    }
  }
}

function addressOf(context: string, { base, index, scale, displacement }: Memory): string {
  const register = (offset: number) => `LOAD(64, ${context}, ${offset})`;
  const parts = [
    ...(base === undefined ? [] : [register(base)]),
    ...(index === undefined ? [] : [scale === 1 ? register(index) : `${register(index)} * ${scale}`]),
    ...(displacement === 0n && base !== undefined ? [] : [printInteger(displacement)]),
  ];
  return parts.join(" + ");
}
