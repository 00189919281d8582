import type { en } from './en.ts'

/** The same keys and parameters as in the English words, with any text. */
export type SameKeys<Value> = Value extends (...values: infer Parameters) => string
  ? (...values: Parameters) => string
  : Value extends string
    ? string
    : { readonly [Key in keyof Value]: SameKeys<Value[Key]> }

/** What every language has to say. */
export type Words = SameKeys<typeof en>
