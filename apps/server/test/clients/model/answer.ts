import type { ToolCall } from './asked.ts'

/** What the model says in one answer, whatever the format. */
export interface Answer {
  readonly id: string
  readonly model: string
  readonly reasoning: { readonly text: string; readonly proof: string } | undefined
  /** A search that the upstream itself did. */
  readonly search: Search | undefined
  readonly text: string
  readonly calls: readonly ToolCall[]
  readonly tokens: AnswerTokens
}

/** A search and the one page that it found; `sources` says whether the page is named. */
export interface Search {
  readonly query: string
  readonly url: string
  readonly title: string
  readonly sources: boolean
}

/** What the answer costs; cached tokens are a part of the input. */
export interface AnswerTokens {
  readonly input: number
  readonly cached: number
  readonly output: number
}

/** An answer in the words of a format: as one body, and as an event stream. */
export interface WrittenAnswer {
  readonly json: object
  readonly sse: string
}

/** Pieces of at most 9 characters, never inside a surrogate pair; at least one. */
export function pieces(text: string): readonly string[] {
  return text.match(/.{1,9}/gsu) ?? ['']
}
