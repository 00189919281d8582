const OPENING = '<think>'
const CLOSING = '</think>'

/** White space before the tag; a model that writes more of it writes nothing else. */
const MAX_SPACE = 1024

/** Where a {@link ThinkTagSplitter} sends what it has told apart. */
export interface ThinkTagSink {
  text(text: string): void
  reasoning(text: string): void
}

/** Splits `<think>…</think>` off the start of a text that comes in pieces cut anywhere. */
export interface ThinkTagSplitter {
  push(piece: string): void
  /**
   * Gives out what was held back.
   *
   * @returns true when the tag was never closed, so that all the text went to the reasoning
   */
  end(): boolean
}

interface State {
  readonly sink: ThinkTagSink
  /** `gap`: between the closing tag and the text. */
  phase: 'start' | 'thinking' | 'gap' | 'text'
  held: string
  /** Line breaks still to be swallowed in the gap: one blank line. */
  breaksLeft: number
}

/**
 * For upstreams whose profile says `thinkTags`. Only a tag that the answer begins with counts (white space may precede
 * it): one in the middle of a text may be what the user asked about.
 */
export function createThinkTagSplitter(sink: ThinkTagSink): ThinkTagSplitter {
  const state: State = { sink, phase: 'start', held: '', breaksLeft: 2 }

  function push(piece: string): void {
    if (state.phase === 'text') return sink.text(piece)
    state.held += piece
    if (state.phase === 'start') readStart(state)
    if (state.phase === 'thinking') readThinking(state)
    if (state.phase === 'gap') readGap(state)
  }

  function end(): boolean {
    const isUnclosed = state.phase === 'thinking'
    release(state, isUnclosed ? 'reasoning' : 'text')
    return isUnclosed
  }

  return { push, end }
}

function readStart(state: State): void {
  const trimmed = state.held.trimStart()
  const mayBegin = trimmed.length < OPENING.length && OPENING.startsWith(trimmed)
  if (mayBegin && state.held.length <= MAX_SPACE) return
  if (trimmed.startsWith(OPENING)) {
    state.phase = 'thinking'
    state.held = trimmed.slice(OPENING.length)
  } else {
    state.phase = 'text'
    release(state, 'text')
  }
}

function readThinking(state: State): void {
  const at = state.held.indexOf(CLOSING)
  const isClosed = at !== -1
  const until = isClosed ? at : state.held.length - partialTagLength(state.held)
  if (until > 0) state.sink.reasoning(state.held.slice(0, until))
  state.held = state.held.slice(isClosed ? at + CLOSING.length : until)
  if (isClosed) state.phase = 'gap'
}

function readGap(state: State): void {
  let at = 0
  while (state.breaksLeft > 0 && state.held[at] === '\n') {
    state.breaksLeft -= 1
    at += 1
  }
  state.held = state.held.slice(at)
  if (state.held === '') return
  state.phase = 'text'
  release(state, 'text')
}

function release(state: State, kind: 'text' | 'reasoning'): void {
  const piece = state.held
  state.held = ''
  if (piece !== '') state.sink[kind](piece)
}

/** Length of the longest end of `text` that the closing tag may continue. */
function partialTagLength(text: string): number {
  for (let length = Math.min(CLOSING.length - 1, text.length); length > 0; length--) {
    if (CLOSING.startsWith(text.slice(-length))) return length
  }
  return 0
}
