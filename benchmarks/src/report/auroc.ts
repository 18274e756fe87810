/**
 * Area under the ROC curve of log10 p-values: the chance that a marked text has a smaller p than an unmarked one, ties counted half.
 * 1 if the two never mix, ½ if p says nothing. The Mann-Whitney statistic over n₁n₂ (Hanley and McNeil 1982); null where a side is empty.
 */
export function auroc(marked: readonly number[], unmarked: readonly number[]): number | null {
  if (marked.length === 0 || unmarked.length === 0) return null;
  const rows = [
    ...marked.map((value) => ({ value, isMarked: true })),
    ...unmarked.map((value) => ({ value, isMarked: false })),
  ].sort((a, b) => a.value - b.value);
  // Twice the number of pairs won, so that halves stay whole numbers.
  let wins = 0;
  let unmarkedBelow = 0;
  for (let from = 0; from < rows.length; ) {
    let [end, markedHere, unmarkedHere] = [from, 0, 0];
    for (; end < rows.length && rows[end]!.value === rows[from]!.value; end++) {
      if (rows[end]!.isMarked) markedHere++;
      else unmarkedHere++;
    }
    wins += markedHere * (2 * (unmarked.length - unmarkedBelow - unmarkedHere) + unmarkedHere);
    unmarkedBelow += unmarkedHere;
    from = end;
  }
  return wins / (2 * marked.length * unmarked.length);
}
