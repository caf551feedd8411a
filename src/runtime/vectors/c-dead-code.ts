/** What a set of golden vectors begins with, also where it is left out of the program. */
const SET = /\/\/\s*SET\s/i;
const CONDITION = /^[ \t]*#[ \t]*(if|ifdef|ifndef|elif|else|endif)\b([^]*)$/;
const NEVER = /^(?:0|\(\s*0\s*\)|false)$/;
const ALWAYS = /^(?:1|\(\s*1\s*\)|true)$/;

/** How a group of branches goes: which of them are compiled is known of 0 and 1 alone. */
interface Group {
  readonly always: boolean;
  dead: boolean;
}

/**
 * C in which what `#if 0` leaves out, and what stands behind the `#else` of `#if 1`, is blank, line for line; branches in
 * which a `// SET` begins stay, as sets in block comments do.
 */
export function withoutDeadCode(text: string): string {
  if (!/^[ \t]*#[ \t]*if\b[ \t(]*[01ft]/m.test(text)) return text;
  const lines = text.split('\n');
  const groups: Group[] = [];
  let commented = false;
  let from: number | undefined;
  const blank = (to: number): void => {
    if (from !== undefined && !lines.slice(from, to).some((line) => SET.test(line))) lines.fill('', from, to);
  };
  for (const [i, line] of lines.entries()) {
    const [, word, condition = ''] = (commented ? null : CONDITION.exec(line)) ?? [];
    commented = endsCommented(line, commented);
    if (word === undefined) continue;
    const meaning = condition.replace(/\/[/*].*/, '').trim();
    const group = groups.at(-1);
    if (word.startsWith('if')) {
      groups.push({ always: word === 'if' && ALWAYS.test(meaning), dead: word === 'if' && NEVER.test(meaning) });
    } else if (word === 'endif') groups.pop();
    else if (group !== undefined) group.dead = group.always;
    const dead = groups.some((own) => own.dead);
    blank(i);
    from = dead ? i + 1 : undefined;
  }
  blank(lines.length);
  return lines.join('\n');
}

/** Whether a block comment is open at the end of a line. */
function endsCommented(line: string, commented: boolean): boolean {
  let inside = commented;
  for (const [mark] of line.matchAll(/"(?:[^"\\]|\\.)*"|\/\/|\/\*|\*\//g)) {
    if (mark === '*/') inside = false;
    else if (!inside && mark === '//') return false;
    else if (!inside && mark === '/*') inside = true;
  }
  return inside;
}
