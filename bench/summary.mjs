/** Median, least and greatest of some measurements. */
export function summarize(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, min: sorted[0], max: sorted.at(-1) };
}

/** "412 (398–467)" */
export function formatSummary({ median, min, max }, digits = 0) {
  return `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
}

/** Prints rows of cells in columns: the first left, the others right. */
export function printColumns(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => [...String(row[column] ?? "")].length)));
  for (const row of rows) {
    const cells = row.map((cell, column) => {
      const text = String(cell ?? "");
      const blanks = " ".repeat(widths[column] - [...text].length);
      return column === 0 ? text + blanks : blanks + text;
    });
    console.log(cells.join("  ").trimEnd());
  }
}
