import type { Loose } from '../../src/testing/loose.ts'
import { createRandom, pickFrom, type Random } from './random.ts'

/** A stream as careless servers write it. */
export interface CarelessStream {
  readonly sse: string
  /** What the model said, in pieces: however often a piece stands in the stream, it was said once. */
  readonly words: readonly string[]
  /** Length of the part of `sse` that nothing ends: cut there or before, the answer is broken. */
  readonly openLength: number
  readonly hasUsage: boolean
}

/** What a careless stream is made with. */
export interface Making {
  readonly random: Random
  happens(chance: number): boolean
  pick<Item>(items: readonly Item[]): Item
  /** The events, or none. */
  perhaps(chance: number, ...events: readonly Loose[]): readonly Loose[]
  /** A new word, said once. */
  word(): string
  /** A new word that some formats have two places for. */
  echo(): string
}

/** A stream while it is written. */
export interface Paper {
  write(body: Loose): void
  /** From here on the stream says that the answer is over. */
  beginEnd(): void
  writeText(text: string): void
  finish(hasUsage: boolean): CarelessStream
}

/** The same making and the same stream for the same seed. */
export function carelessly(seed: number): { readonly making: Making; readonly paper: Paper } {
  const random = createRandom(seed)
  const words: string[] = []
  const say = (made: string): string => {
    words.push(made)
    return made
  }
  const making: Making = {
    random,
    happens: (chance) => random() < chance,
    pick: (items) => pickFrom(items, random),
    perhaps: (chance, ...events) => (random() < chance ? events : []),
    word: () => say(`word${words.length}w`),
    echo: () => say(`echo${words.length}e`),
  }
  return { making, paper: createPaper(making, words) }
}

function createPaper(making: Making, words: readonly string[]): Paper {
  let sse = making.happens(0.05) ? '\u{feff}' : ''
  let openLength: number | undefined
  return {
    write: (body) => void (sse += frameOf(body, making)),
    writeText: (text) => void (sse += text),
    beginEnd: () => void (openLength ??= sse.length),
    finish: (hasUsage) => ({ sse, words, openLength: openLength ?? sse.length, hasUsage }),
  }
}

function frameOf(body: Loose, { pick, happens }: Making): string {
  const end = pick(['\n', '\n', '\n', '\r\n', '\r'])
  const space = pick([' ', ''])
  const comment = happens(0.1) ? `: a comment${end}${end}` : ''
  const name = typeof body.type === 'string' && happens(0.9) ? `event:${space}${body.type}${end}` : ''
  return `${comment}${name}data:${space}${JSON.stringify(body)}${end}${end}`
}

/** The events of one block, in their order. */
export interface Track {
  readonly events: Loose[]
  /** Another block may begin before this one has ended. */
  readonly mayOverlap: boolean
}

/** The events of several blocks as one list: mostly block after block, now and then beside each other. */
export function interleave(tracks: readonly Track[], { happens, pick }: Making): Loose[] {
  const events: Loose[] = []
  const waiting = tracks.map((track) => ({ ...track, events: [...track.events] }))
  for (;;) {
    const running = waiting.filter((track) => track.events.length > 0)
    const [first] = running
    if (first === undefined) return events
    const firstAlone = running.findIndex(({ mayOverlap }) => !mayOverlap)
    const beside = running.slice(0, firstAlone === -1 ? running.length : Math.max(1, firstAlone))
    events.push((happens(0.1) ? pick(beside) : first).events.shift())
  }
}
