import type { TimeSpan } from './chart-data.ts'

/** What the cursor over a chart needs to know of it. */
export interface ChartGround {
  count(): number
  /** The span under a distance from the left edge, in pixels; may be out of range. */
  indexAt(offset: number): number
  span(first: number, last: number): TimeSpan
  onselect(): ((span: TimeSpan) => void) | undefined
}

/** First and last span of a choice, both in it. */
interface Choice {
  readonly first: number
  readonly last: number
}

/** Where the reader is on a chart, by mouse, finger or keyboard. */
export interface ChartPointer {
  /** The span under the cursor. */
  readonly active: number | undefined
  /** What is being chosen. */
  readonly span: Choice | undefined
  readonly handlers: {
    readonly onpointermove: (event: PointerEvent) => void
    readonly onpointerdown: (event: PointerEvent) => void
    readonly onpointerup: () => void
    readonly onpointerleave: () => void
    readonly onkeydown: (event: KeyboardEvent) => void
    readonly onblur: () => void
  }
}

export function createChartPointer(ground: ChartGround): ChartPointer {
  let active = $state<number>()
  let anchor = $state<number>()
  const span = $derived(
    anchor === undefined || active === undefined
      ? undefined
      : { first: Math.min(anchor, active), last: Math.max(anchor, active) },
  )

  function bounded(index: number): number | undefined {
    const count = ground.count()
    return count === 0 ? undefined : Math.min(Math.max(index, 0), count - 1)
  }

  function follow(event: PointerEvent): void {
    if (!(event.currentTarget instanceof Element)) return
    active = bounded(ground.indexAt(event.clientX - event.currentTarget.getBoundingClientRect().left))
  }

  function choose(): void {
    const chosen = span
    anchor = undefined
    if (chosen !== undefined) ground.onselect()?.(ground.span(chosen.first, chosen.last))
  }

  function onkeydown(event: KeyboardEvent): void {
    const target = targetOf(event.key, active, ground.count())
    if (target !== undefined) walk(event, target)
    else if (event.key === 'Enter') chooseByKey(event)
    else if (event.key === 'Escape' && anchor !== undefined) {
      event.stopPropagation()
      anchor = undefined
    }
  }

  function walk(event: KeyboardEvent, target: number): void {
    event.preventDefault()
    const isMarking = event.shiftKey && ground.onselect() !== undefined
    anchor = isMarking ? (anchor ?? active) : undefined
    active = bounded(target)
  }

  function chooseByKey(event: KeyboardEvent): void {
    if (active === undefined || ground.onselect() === undefined) return
    event.preventDefault()
    anchor ??= active
    choose()
  }

  return {
    get active() {
      return active
    },
    get span() {
      return span
    },
    handlers: {
      onpointermove: follow,
      onpointerdown(event) {
        if (event.button !== 0) return
        follow(event)
        if (ground.onselect() === undefined) return
        anchor = active
        if (event.currentTarget instanceof Element) event.currentTarget.setPointerCapture(event.pointerId)
      },
      onpointerup: choose,
      onpointerleave() {
        if (anchor === undefined) active = undefined
      },
      onkeydown,
      onblur() {
        active = undefined
        anchor = undefined
      },
    },
  }
}

/** Where a key leads; `undefined` where it leads nowhere. */
function targetOf(key: string, active: number | undefined, count: number): number | undefined {
  switch (key) {
    case 'ArrowRight':
      return active === undefined ? 0 : active + 1
    case 'ArrowLeft':
      return active === undefined ? count - 1 : active - 1
    case 'Home':
      return 0
    case 'End':
      return count - 1
    default:
      return undefined
  }
}
