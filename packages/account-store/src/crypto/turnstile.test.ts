import { expect, test } from 'vitest'

import { createTurnstile } from './turnstile.ts'

test('one task is inside at a time, in the order of arrival', async () => {
  const turnstile = createTurnstile(10)
  const log: string[] = []
  const visit = (name: string) => async (): Promise<string> => {
    log.push(`${name} in`)
    await Promise.resolve()
    log.push(`${name} out`)
    return name
  }
  const results = await Promise.all([turnstile.enter(visit('a')), turnstile.enter(visit('b'))])
  expect(results).toEqual(['a', 'b'])
  expect(log).toEqual(['a in', 'a out', 'b in', 'b out'])
})

test('whoever finds too many waiting is turned away, and the next may enter once they are gone', async () => {
  const turnstile = createTurnstile(1)
  const inside = turnstile.enter(async () => 1)
  const waiting = turnstile.enter(async () => 2)
  expect(turnstile.enter(async () => 3)).toBeUndefined()
  expect(await Promise.all([inside, waiting])).toEqual([1, 2])
  expect(await turnstile.enter(async () => 4)).toBe(4)
})

test('a task that fails tells its own caller and nobody else', async () => {
  const turnstile = createTurnstile(1)
  const failing = turnstile.enter(async () => {
    throw new Error('mine')
  })
  const next = turnstile.enter(async () => 'well')
  await expect(failing).rejects.toThrow('mine')
  expect(await next).toBe('well')
})
