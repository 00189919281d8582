/** Where the focus was last. */
interface Place {
  readonly element: HTMLElement
  /** The line of a list that it stood in, and which of its list that was. */
  readonly list: Element | undefined
  readonly index: number
  /** Which of its line's controls it was. */
  readonly control: number
}

const CONTROLS = 'a[href], button, input, select'

/**
 * Keeps the focus on the page when what had it goes, as with a line that was removed: to the same control of the line that
 * takes its place, or else to the whole content.
 *
 * @returns ends it
 */
export function rescueFocus(content: HTMLElement): { forget(): void; stop(): void } {
  let last: Place | undefined
  const note = ({ target }: FocusEvent): void => {
    last = target instanceof HTMLElement && content.contains(target) ? placeOf(target) : undefined
  }
  const observer = new MutationObserver(() => {
    if (last === undefined || last.element.isConnected || document.activeElement !== document.body) return
    const place = last
    last = undefined
    ;(controlAt(place) ?? content).focus({ preventScroll: true })
  })
  document.addEventListener('focusin', note)
  observer.observe(content, { childList: true, subtree: true })
  return {
    forget: () => (last = undefined),
    stop() {
      document.removeEventListener('focusin', note)
      observer.disconnect()
    },
  }
}

function placeOf(element: HTMLElement): Place {
  const line = element.closest('tr, li')
  const list = line?.parentElement ?? undefined
  return {
    element,
    list,
    index: indexIn(list?.children, line),
    control: indexIn(line?.querySelectorAll(CONTROLS), element),
  }
}

function indexIn(all: ArrayLike<Element> | undefined, each: Element | null): number {
  return Array.from(all ?? []).findIndex((one) => one === each)
}

function controlAt({ list, index, control }: Place): HTMLElement | undefined {
  if (list?.isConnected !== true) return undefined
  const line = list.children[index] ?? list.lastElementChild
  return line?.querySelectorAll<HTMLElement>(CONTROLS)[control]
}
