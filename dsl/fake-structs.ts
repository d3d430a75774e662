/** Structs that tests put at addresses, by "struct@address". */
export const fakeStructs: Map<string, object> = new Map();

/** Their addresses. */
export const addressesOfStructs: WeakMap<object, bigint> = new WeakMap();
