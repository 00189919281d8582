/** A short message that goes away by itself. */
export interface Toast {
  readonly id: number
  readonly tone: 'good' | 'bad'
  readonly text: string
}

/** Long enough to read a sentence; trouble stays longer. */
const SHOWN_MS = { good: 5_000, bad: 12_000 }
/** More at once is noise. */
const MAX_TOASTS = 4

let shown = $state.raw<readonly Toast[]>([])
let lastId = 0

/** The messages that are shown now, oldest first. */
export const toasts = {
  get shown(): readonly Toast[] {
    return shown
  },
  /** Says that something went well. */
  say: (text: string): void => show('good', text),
  /** Says that something went wrong. */
  warn: (text: string): void => show('bad', text),
  dismiss(id: number): void {
    shown = shown.filter((toast) => toast.id !== id)
  },
}

function show(tone: Toast['tone'], text: string): void {
  lastId += 1
  const id = lastId
  const others = shown.filter((toast) => toast.tone !== tone || toast.text !== text)
  shown = [...others.slice(1 - MAX_TOASTS), { id, tone, text }]
  setTimeout(() => toasts.dismiss(id), SHOWN_MS[tone])
}
