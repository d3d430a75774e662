import { dirname, relative, resolve as resolvePath } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { BuildFailure, OnLoadResult, OnResolveArgs, OnResolveResult, PluginBuild } from "esbuild";
import { type Diagnostic, DiagnosticError } from "../../diagnostics/diagnostic.js";
import type { SourceFile } from "../../diagnostics/span.js";
import { type BundlerMessage, bundlerDiagnostic } from "./bundler-message.js";
import { loadEsbuild } from "./esbuild.js";
import { STARTED } from "./evaluate.js";
import { findKernelFunctions, mayContainKernelFunctions } from "./find-kernel-functions.js";
import { missingImport } from "./import-missing.js";
import { type MarkedSource, markSource, metaModule, requireModule } from "./mark.js";
import { MeaningFinder, type ModuleGraph } from "./meaning.js";
import { languageOf, type ParsedModule, parseModule } from "./module.js";
import type { CaptureRecord } from "./record.js";
import { ASK_ESBUILD, CAPTURE_SPECIFIER, ImportResolver, type ImportTarget, META_SPECIFIER } from "./resolve.js";
import { readSource } from "./script-file.js";

/** Lowest Node that tsprobe runs on: newer syntax in scripts is rewritten for it. */
const TARGET = "node20.19";

const META_NAMESPACE = "tsprobe-meta";
const REQUIRE_NAMESPACE = "tsprobe-require";

/** Milliseconds; reading and parsing run inside the bundling, several files at a time. */
export interface BundleTimings {
  parse: number;
  capture: number;
  bundle: number;
}

/**
 * Bundles a script and the local files it imports, and captures their kernel functions on the way.
 * One use: a bundle is one reading of the files.
 */
export class Bundle implements ModuleGraph {
  readonly entry: string;
  readonly diagnostics: Diagnostic[] = [];
  readonly timings: BundleTimings = { parse: 0, capture: 0, bundle: 0 };
  readonly captures = new Map<string, CaptureRecord>();
  /** JavaScript of the whole script. */
  code = "";
  /** Its source map, version 3, with absolute file URLs as sources. */
  map: { readonly sources: readonly string[]; readonly mappings: string } | undefined;
  readonly #own: Readonly<Record<string, string>>;
  readonly #captureUrl: string;
  readonly #files = new Map<string, Promise<SourceFile>>();
  readonly #parsed = new Map<string, Promise<ParsedModule | undefined>>();
  readonly #loaded = new Map<string, SourceFile>();
  readonly #marked = new Map<string, MarkedSource>();
  readonly #found = new Map<string, readonly CaptureRecord[]>();
  readonly #meanings = new MeaningFinder(this);
  #resolver: ImportResolver | undefined;

  constructor(entry: SourceFile, own: Readonly<Record<string, string>>, captureUrl: string) {
    this.entry = entry.path;
    this.#own = own;
    this.#captureUrl = captureUrl;
    this.#files.set(entry.path, Promise.resolve(entry));
  }

  /** The script's own files, the entry first. */
  get files(): readonly SourceFile[] {
    return [...this.#loaded.values()].sort((a, b) =>
      a.path === this.entry ? -1 : b.path === this.entry ? 1 : a.path < b.path ? -1 : 1,
    );
  }

  /** @throws DiagnosticError for syntax errors and imports that lead nowhere */
  async build(): Promise<void> {
    const start = performance.now();
    const esbuild = loadEsbuild();
    try {
      const result = await esbuild.build({
        // Not its path, in which "*" would make it a glob: #onResolve says which file it is.
        entryPoints: ["script"],
        outfile: "bundle.mjs",
        absWorkingDir: dirname(this.entry),
        bundle: true,
        write: false,
        format: "esm",
        platform: "node",
        target: TARGET,
        charset: "utf8",
        legalComments: "none",
        logLevel: "silent",
        sourcemap: "external",
        sourcesContent: false,
        // A script is run, not shipped: modules are kept for what they do, whatever their package says.
        treeShaking: false,
        ignoreAnnotations: true,
        // The script's own tsconfig.json neither helps nor breaks it; tsc is run with ours too.
        tsconfigRaw: "{}",
        // Node's own conditions; without this esbuild adds "module", which Node does not know.
        conditions: [],
        banner: { js: `globalThis[Symbol.for(${JSON.stringify(STARTED.description)})]?.(import.meta.url);` },
        plugins: [{ name: "tsprobe", setup: (build) => this.#setUp(build) }],
      });
      for (const warning of result.warnings) this.diagnostics.push(await this.#explain(warning, "warning"));
      this.diagnostics.sort(byPlace);
      for (const output of result.outputFiles) {
        if (output.path.endsWith(".map")) this.map = absoluteMap(output.text, dirname(output.path));
        else this.code = output.text;
      }
    } catch (error) {
      throw await this.#failure(error);
    }
    for (const file of this.files) for (const capture of this.#found.get(file.path) ?? []) this.captures.set(capture.id, capture);
    this.timings.bundle = performance.now() - start;
  }

  resolve(importer: string, specifier: string): Promise<ImportTarget> {
    return (this.#resolver as ImportResolver).resolve(importer, specifier);
  }

  async moduleAt(path: string): Promise<ParsedModule | undefined> {
    return this.#parse(path).catch(() => undefined);
  }

  #parse(path: string): Promise<ParsedModule | undefined> {
    let parsed = this.#parsed.get(path);
    if (parsed === undefined) {
      const language = languageOf(path) ?? (path === this.entry ? "ts" : undefined);
      parsed =
        language === undefined
          ? Promise.resolve(undefined)
          : this.#read(path).then(async (file) => {
              const start = performance.now();
              const module = await parseModule(file, language);
              this.timings.parse += performance.now() - start;
              return module;
            });
      this.#parsed.set(path, parsed);
    }
    return parsed;
  }

  #read(path: string): Promise<SourceFile> {
    let file = this.#files.get(path);
    if (file === undefined) {
      file = readSource(path);
      this.#files.set(path, file);
    }
    return file;
  }

  #setUp(build: PluginBuild): void {
    this.#resolver = new ImportResolver(build, this.#own);
    build.onResolve({ filter: /.*/ }, (args) => this.#onResolve(args));
    build.onLoad({ filter: /.*/, namespace: "file" }, ({ path }) => this.#onLoad(path));
    build.onLoad({ filter: /.*/, namespace: META_NAMESPACE }, ({ path }) => ({
      contents: metaModule(pathToFileURL(path).href, path, dirname(path)),
    }));
    build.onLoad({ filter: /.*/, namespace: REQUIRE_NAMESPACE }, ({ pluginData: { importer, wanted } }) => ({
      contents: requireModule(importer, wanted),
    }));
  }

  async #onResolve(args: OnResolveArgs): Promise<OnResolveResult | undefined> {
    if (args.kind === "entry-point") return { path: this.entry };
    if (args.pluginData === ASK_ESBUILD) return undefined;
    if (args.path === CAPTURE_SPECIFIER) return { path: this.#captureUrl, external: true };
    if (args.path === META_SPECIFIER) return { path: args.importer, namespace: META_NAMESPACE };
    if (args.namespace !== "file") return { path: args.path, external: true };
    const target = await (this.#resolver as ImportResolver).resolve(args.importer, args.path, args.kind);
    if (target.kind === "file") return { path: target.path };
    // require() and import() may be tried and fail while the script runs: that is the script's business.
    if (args.kind === "require-call") {
      const wanted = target.kind === "own" ? fileURLToPath(target.url) : args.path;
      const pluginData = { importer: pathToFileURL(args.importer).href, wanted };
      return { path: `${args.path} for ${args.importer}`, namespace: REQUIRE_NAMESPACE, pluginData };
    }
    if (target.kind !== "missing") return { path: target.url, external: true };
    if (args.kind === "dynamic-import") return { path: args.path, external: true };
    const diagnostic = await this.#missing(args.importer, args.path, target.obstacle);
    return { errors: [{ text: diagnostic.message, detail: diagnostic }] };
  }

  async #onLoad(path: string): Promise<OnLoadResult | undefined> {
    const language = languageOf(path) ?? (path === this.entry ? "ts" : undefined);
    if (language === undefined) return undefined;
    const file = await this.#read(path);
    this.#loaded.set(path, file);
    if (!mayContainKernelFunctions(file.text)) return { contents: file.text, loader: language };
    try {
      const module = (await this.#parse(path)) as ParsedModule;
      const start = performance.now();
      const label = relative(dirname(this.entry), path).replaceAll("\\", "/");
      const { captures, diagnostics } = await findKernelFunctions(module, label, this.#meanings);
      this.diagnostics.push(...diagnostics);
      this.#found.set(path, captures);
      const marked = markSource(module, captures);
      this.timings.capture += performance.now() - start;
      if (marked === undefined) return { contents: file.text, loader: language };
      this.#marked.set(path, marked);
      return { contents: `${marked.text}\n//# sourceMappingURL=${marked.map.toUrl()}`, loader: language };
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      return { errors: error.diagnostics.map((diagnostic) => ({ text: diagnostic.message, detail: diagnostic })) };
    }
  }

  async #missing(importer: string, specifier: string, obstacle?: string): Promise<Diagnostic> {
    const file = await this.#read(importer);
    return missingImport(file, await this.moduleAt(importer), specifier, Object.keys(this.#own), obstacle);
  }

  async #failure(error: unknown): Promise<unknown> {
    const messages = (error as Partial<BuildFailure>).errors;
    if (!Array.isArray(messages) || messages.length === 0) return error;
    const found = await Promise.all(messages.map((message) => this.#explain(message, "error")));
    return new DiagnosticError(found);
  }

  async #explain(message: BundlerMessage, severity: Diagnostic["severity"]): Promise<Diagnostic> {
    const where = message.location?.file;
    const path = where === undefined ? undefined : resolvePath(dirname(this.entry), where);
    const file = path === undefined ? undefined : await this.#read(path).catch(() => undefined);
    const ours = bundlerDiagnostic(message, severity, file, path === undefined ? undefined : this.#marked.get(path)?.map);
    if (ours.failure !== "syntax" || file === undefined) return ours;
    // The file was not parsed by us before (it has no imports): our parser's words are the better ones.
    const again = await this.#parse(file.path).catch((error: unknown) => error);
    return again instanceof DiagnosticError ? (again.diagnostics[0] as Diagnostic) : ours;
  }
}

function absoluteMap(text: string, directory: string): { sources: string[]; mappings: string } {
  const map = JSON.parse(text) as { sources: string[]; mappings: string };
  map.sources = map.sources.map((source) => new URL(source, `${pathToFileURL(directory).href}/`).href);
  return map;
}

/** Files are loaded several at a time, so what was found in them comes in any order. */
function byPlace(a: Diagnostic, b: Diagnostic): number {
  const [left, right] = [a.span?.file.path ?? "", b.span?.file.path ?? ""];
  return left === right ? (a.span?.start ?? 0) - (b.span?.start ?? 0) : left < right ? -1 : 1;
}
