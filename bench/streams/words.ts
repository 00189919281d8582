/** Pieces of text as models stream them: mostly a word with its space, some marks, line breaks and quotes. */
const WORDS = [
  ' the',
  ' stream',
  ' of',
  ' answers',
  ' is',
  ' cut',
  ' where',
  ' nobody',
  ' expects',
  ' it',
  ',',
  '.',
  ' and',
]
const MARKS = ['\n\n', ' "quoted"', ' `code`', ':\n- ', ' don', '’t', ' 42']

/** The n-th piece of a text that is the same in every run. */
export function wordAt(index: number): string {
  const marks = index % 11 === 7
  const list = marks ? MARKS : WORDS
  return list[(marks ? Math.floor(index / 11) : index * 7) % list.length] ?? ' '
}

/** The JSON arguments of one call, cut as models stream them: a token or so a piece. */
export const ARGUMENT_PIECES: readonly string[] = ['{', ...Array.from({ length: 40 }, member).flat(), '"end": true}']

function member(_: unknown, index: number): string[] {
  return ['"path', '_', String(index), '":', ' "', 'src/', 'main', '.ts', '",', ' ']
}
