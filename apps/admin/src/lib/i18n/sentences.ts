/** Sentences with `{}` for each part that changes, and the same in another language with `{1}`, `{2}` … for these parts. */
export type Sentences = readonly (readonly [sentence: string, translation: string])[]

/**
 * Makes a translator of whole sentences; parts that are sentences of the table are translated as well, and what is not in
 * it stays as it is.
 */
export function createTranslator(sentences: Sentences): (said: string) => string {
  const patterns = sentences.map(([sentence, translation]) => ({ pattern: patternOf(sentence), translation }))

  function translate(said: string): string {
    for (const { pattern, translation } of patterns) {
      const parts = pattern.exec(said)?.slice(1).map(translate)
      if (parts !== undefined)
        return translation.replaceAll(/\{(\d)\}/g, (_, at: string) => parts[Number(at) - 1] ?? '')
    }
    return said
  }

  return translate
}

function patternOf(sentence: string): RegExp {
  const literals = sentence.split('{}').map((text) => text.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&'))
  return new RegExp(`^${literals.join('(.+?)')}$`, 's')
}
