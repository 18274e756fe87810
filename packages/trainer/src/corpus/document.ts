/** A text that was written as one piece (a chapter, a speech, a book), in paragraphs of cleaned prose. */
export interface Document {
  /** Short name of the source it came from. */
  readonly source: string;
  readonly title: string;
  readonly paragraphs: readonly string[];
}
