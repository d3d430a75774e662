import type { FieldLayout, Program, ValueLayout } from "../../compiler/program.js";

/** Whether stacks of the kernel or names of its addresses can come out of a program. */
export function usesKernelSymbols({ events, maps, aggregations }: Program): boolean {
  const sides = [
    ...maps.flatMap(({ key, value }) => [key, value]),
    ...(aggregations ?? []).flatMap(({ key }) => (key === undefined ? [] : [key])),
  ];
  return events.some(({ fields }) => inFields(fields)) || sides.some((side) => side !== undefined && inValue(side.layout));
}

const inFields = (fields: readonly FieldLayout[]): boolean => fields.some(({ type }) => inValue(type));

function inValue(type: ValueLayout): boolean {
  switch (type.kind) {
    case "stack":
    case "symbol":
      return !type.user;
    case "struct":
      return inFields(type.fields);
    case "array":
      return inValue(type.element);
    case "optional":
      return inValue(type.value);
    default:
      return false;
  }
}
