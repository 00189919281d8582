import { setTimeout as sleep } from 'node:timers/promises'

import { expect, test } from 'vitest'

import { createLineBatch, type LineBatch } from './line-batch.ts'

test('lines go out together, in their order, as soon as there are enough', () => {
  const { batch, written } = collect({ maxCharacters: 8 })
  batch.write('one\n')
  expect(written).toEqual([])
  batch.write('two\n')
  expect(written).toEqual(['one\ntwo\n'])
  batch.write('a line that is long enough alone\n')
  expect(written).toHaveLength(2)
})

test('a single line goes out after a while', async () => {
  const { batch, written } = collect({ maxMs: 1 })
  batch.write('one\n')
  while (written.length === 0) await sleep(1)
  expect(written).toEqual(['one\n'])
})

test('what waits is handed over when that is asked for, and only once', () => {
  const { batch, written } = collect({})
  batch.write('one\n')
  batch.release()
  batch.release()
  expect(written).toEqual(['one\n'])
})

function collect({ maxCharacters = 1000, maxMs = 60_000 }): { batch: LineBatch; written: string[] } {
  const written: string[] = []
  return {
    written,
    batch: createLineBatch({ output: { write: (lines) => written.push(lines) }, maxCharacters, maxMs }),
  }
}
