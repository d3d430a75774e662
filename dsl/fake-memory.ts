/** Structs that tests put at addresses, by "struct@address". */
export const fakeStructs: Map<string, object> = new Map();

/** Their addresses. */
export const addressesOfStructs: WeakMap<object, bigint> = new WeakMap();

/** Single bytes that tests put at addresses. */
export const fakeBytes: Map<bigint, number> = new Map();
