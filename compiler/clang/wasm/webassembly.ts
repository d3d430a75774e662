/** The part of JavaScript's WebAssembly interface that is used here: TypeScript declares it in its library for browsers only. */
interface WebAssemblyApi {
  compile(bytes: Uint8Array): Promise<WasmModule>;
  readonly Instance: new (module: WasmModule, imports: Record<string, Record<string, unknown>>) => WasmInstance;
  /** What a trap throws. */
  readonly RuntimeError: ErrorConstructor;
}

/** A compiled module, to be instantiated any number of times. */
export interface WasmModule {
  readonly [Symbol.toStringTag]: string;
}

/** A linear memory: the buffer is another one after the memory has grown. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

interface WasmInstance {
  readonly exports: Readonly<Record<string, unknown>>;
}

export const wasm: WebAssemblyApi = (globalThis as unknown as { readonly WebAssembly: WebAssemblyApi }).WebAssembly;
