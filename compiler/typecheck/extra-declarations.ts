/** A declaration file that is only made when tsc has to read it. */
export interface ExtraDeclarations {
  /** Two of the same identity have the same text. */
  readonly identity: string;
  readonly text: () => string;
}

/** One whose text is there already. */
export const declared = (text: string): ExtraDeclarations => ({ identity: text, text: () => text });
