/**
 * The operator's settings cannot be used. The message lists every mistake, names each thing and the way out, and never
 * holds a secret.
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  /** One entry for each mistake, `PLACE: what is wrong and what to do`. */
  readonly mistakes: readonly string[]

  constructor(subject: string, mistakes: readonly string[], options?: ErrorOptions) {
    super([`${subject}:`, ...mistakes.map((mistake) => `  ${mistake}`)].join('\n'), options)
    this.mistakes = mistakes
  }
}
