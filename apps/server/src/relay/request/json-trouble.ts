/** Why a text is no JSON: the engine's message without the piece of the text that it quotes. */
export function jsonTrouble(error: unknown): string {
  const position = error instanceof Error ? /position \d+/.exec(error.message)?.[0] : undefined
  return position === undefined
    ? 'it ends too early or holds an unexpected character'
    : `unexpected character at ${position}`
}
