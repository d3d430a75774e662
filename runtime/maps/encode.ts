import type { ValueLayout } from "../../compiler/program.js";
import { idOfStack } from "../symbols/stack-ids.js";
import { parseIp } from "./parse-ip.js";

/** Writes a value as the kernel holds it; the bytes must be zero before. @throws TypeError for a value that has no such form */
export function encodeValue(type: ValueLayout, value: unknown, bytes: Buffer, offset = 0): void {
  switch (type.kind) {
    case "int":
    case "pointer":
      writeInteger(type.kind === "int" ? type.size : 8, value, bytes, offset);
      return;
    case "bool":
      bytes[offset] = value === true ? 1 : 0;
      return;
    case "string":
      // The layout's last byte is for the NUL.
      bytes.write(String(value), offset, type.size - 1, "utf8");
      return;
    case "ip": {
      const { family, bytes: address } = parseIp(String(value));
      bytes.writeUInt32LE(family, offset);
      bytes.set(address, offset + 4);
      return;
    }
    case "enum": {
      for (const [number, name] of type.names)
        if (name === value) {
          writeInteger(type.size, number, bytes, offset);
          return;
        }
      throw new TypeError(`${JSON.stringify(value)} is none of: ${[...type.names.values()].join(", ")}`);
    }
    case "stack": {
      const id = idOfStack(value);
      if (id === undefined) throw new TypeError("only a stack that came from the kernel can be a key or value");
      bytes.writeBigUInt64LE(id, offset);
      return;
    }
    case "struct":
      for (const field of type.fields)
        encodeValue(field.type, (value as Record<string, unknown>)[field.name], bytes, offset + field.offset);
      return;
    default:
      throw new TypeError("the host cannot make keys or values of this kind");
  }
}

function writeInteger(size: 1 | 2 | 4 | 8, value: unknown, bytes: Buffer, offset: number): void {
  const whole = BigInt.asUintN(size * 8, BigInt(value as number | bigint));
  if (size === 8) bytes.writeBigUInt64LE(whole, offset);
  else bytes.writeUIntLE(Number(whole), offset, size);
}
