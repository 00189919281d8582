import { expect, test } from 'vitest'

import { everyCut } from '../testing/cut-stream.ts'
import { createTap } from './create-tap.ts'

const STREAM = 'event: a\ndata: {"é":1}\n\n: comment\n\ndata: 2\ndata: 3'

test('the bytes pass untouched under every cut, and the events are seen', async () => {
  for (const pieces of everyCut(new TextEncoder().encode(STREAM))) {
    const seen: unknown[] = []
    const tap = createTap({ onMessage: ({ event, data }) => seen.push([event, data]), onOverflow: () => undefined })
    const passed = await new Response(ReadableStream.from(pieces).pipeThrough(tap)).text()
    expect(passed).toBe(STREAM)
    expect(seen).toEqual([
      ['a', '{"é":1}'],
      [undefined, '2\n3'],
    ])
  }
})

test('an event that is too large is reported, and its bytes still pass', async () => {
  const troubles: string[] = []
  const tap = createTap(
    { onMessage: () => undefined, onOverflow: (message) => troubles.push(message) },
    { maxEventBytes: 10 },
  )
  const bytes = new TextEncoder().encode(`data: ${'x'.repeat(100)}\n\n`)
  expect(await new Response(ReadableStream.from([bytes]).pipeThrough(tap)).text()).toHaveLength(108)
  expect(troubles).toHaveLength(1)
})
