import type { ResolvedSymbol } from "../../dsl/stack.js";
import { MappedFiles } from "./mapped-files.js";
import { identityOf, ProcessImage } from "./process-image.js";

/** Processes whose memory is remembered. */
const MOST_PROCESSES = 4_096;

/** Symbols of processes. */
export class UserSymbols {
  readonly #files = new MappedFiles();
  readonly #images = new Map<number, ProcessImage>();

  /**
   * The memory of a process as it is now; as it was, when it has ended. To be asked for when an address of it is first seen: what
   * it resolves later is right then, even if the number belongs to another process by that time.
   */
  imageOf(pid: number): ProcessImage {
    const known = this.#images.get(pid);
    const identity = identityOf(pid);
    if (known !== undefined && (identity === undefined || known.isOf(identity))) return known;
    const image = new ProcessImage(pid, this.#files, identity);
    if (this.#images.size >= MOST_PROCESSES) this.#images.delete(this.#images.keys().next().value as number);
    this.#images.set(pid, image);
    return image;
  }

  find(address: bigint, pid: number): ResolvedSymbol {
    return this.imageOf(pid).find(address, false);
  }
}
