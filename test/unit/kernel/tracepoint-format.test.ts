import { describe, expect, it } from "vitest";
import { parseTracepointFormat } from "../../../kernel/tracepoint-format.js";

const TEXT = `name: sample
ID: 1234
format:
	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
	field:unsigned char common_flags;	offset:2;	size:1;	signed:0;
	field:unsigned char common_preempt_count;	offset:3;	size:1;	signed:0;
	field:int common_pid;	offset:4;	size:4;	signed:1;

	field:const void * skaddr;	offset:8;	size:8;	signed:0;
	field:__u8 saddr[4];	offset:16;	size:4;	signed:0;
	field:__data_loc char[] name;	offset:20;	size:4;	signed:0;
	field:char comm[16];	offset:24;	size:16;	signed:0;
	field:const void* tight;	offset:40;	size:8;	signed:0;
	field:const char *const where;	offset:48;	size:8;	signed:0;

print fmt: "sk=%p print fmt: %s", REC->skaddr, __get_str(name)
`;

describe("parseTracepointFormat", () => {
  const format = parseTracepointFormat("sock", TEXT);

  it("reads name, id and the print format", () => {
    expect(format).toMatchObject({
      category: "sock",
      name: "sample",
      id: 1234,
      printFmt: '"sk=%p print fmt: %s", REC->skaddr, __get_str(name)',
    });
  });

  it("keeps the common fields apart", () => {
    expect(format.common.map((field) => field.name)).toEqual([
      "common_type",
      "common_flags",
      "common_preempt_count",
      "common_pid",
    ]);
    expect(format.common[3]).toEqual({
      name: "common_pid",
      cType: "int",
      offset: 4,
      size: 4,
      type: { kind: "int", size: 4, signed: true },
    });
  });

  it("separates name and type wherever the name stands", () => {
    expect(format.fields.map((field) => [field.name, field.cType, field.offset, field.size, field.type.kind])).toEqual([
      ["skaddr", "const void *", 8, 8, "pointer"],
      ["saddr", "__u8[4]", 16, 4, "intArray"],
      ["name", "__data_loc char[]", 20, 4, "dataLoc"],
      ["comm", "char[16]", 24, 16, "charArray"],
      ["tight", "const void*", 40, 8, "pointer"],
      ["where", "const char *const", 48, 8, "pointer"],
    ]);
  });

  it("accepts a tracepoint without fields of its own", () => {
    expect(parseTracepointFormat("x", 'name: bare\nID: 7\nformat:\n\nprint fmt: ""\n')).toMatchObject({
      name: "bare",
      fields: [],
      common: [],
    });
  });

  it.each([
    ["another file", "nop\n", /name or ID/],
    ["an ID that is no number", "name: x\nID: y\n", /name or ID/],
    ["a field without offset", "name: x\nID: 1\n\tfield:int a;\tsize:4;\tsigned:1;\n", /not a tracepoint field: field:int a/],
    ["a field without name", "name: x\nID: 1\n\tfield:;\toffset:0;\tsize:4;\tsigned:1;\n", /not a tracepoint field/],
  ])("refuses %s", (_, text, message) => {
    expect(() => parseTracepointFormat("c", text)).toThrow(SyntaxError);
    expect(() => parseTracepointFormat("c", text)).toThrow(message);
  });
});
