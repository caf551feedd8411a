/**
 * The candidates that a mistyped word is likely to mean, nearest first: at most a third of the word away by the number of
 * characters to add, drop, replace or swap, or beginning with it.
 */
export function nearest(word: string, candidates: Iterable<string>, most = 3): string[] {
  const wanted = word.toLowerCase();
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  const ranked: { readonly candidate: string; readonly distance: number }[] = [];
  for (const candidate of candidates) {
    const own = candidate.toLowerCase();
    const prefix = wanted.length >= 3 && own.startsWith(wanted);
    const distance = prefix ? 0 : editDistance(wanted, own);
    if (distance <= limit) ranked.push({ candidate, distance });
  }
  return ranked
    .sort((a, b) => a.distance - b.distance)
    .slice(0, most)
    .map(({ candidate }) => candidate);
}

/** Additions, removals, replacements and swaps of neighbours that make one word of the other. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min(replace, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

/** `did you mean 'a', 'b' or 'c'?`; undefined for none. */
export function didYouMean(words: readonly string[]): string | undefined {
  const quoted = words.map((word) => `'${word}'`);
  const [first] = quoted;
  if (first === undefined) return undefined;
  return `did you mean ${quoted.length === 1 ? first : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1) ?? ''}`}?`;
}
