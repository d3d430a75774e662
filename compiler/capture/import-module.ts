/** `import()`. In a file of its own, since the build replaces it: code that V8 takes from a cache cannot import. */
export const importModule = (specifier: string): Promise<object> => import(specifier);
