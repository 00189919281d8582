import { expect, test } from 'vitest'

import { createOnceAtATime } from './once-at-a-time.ts'

test('what is being done is not done twice, and may be done again once it has ended', async () => {
  const onceAtATime = createOnceAtATime()
  let count = 0
  const act = async (): Promise<number> => (count += 1)
  expect(await Promise.all([onceAtATime('a', act), onceAtATime('a', act), onceAtATime('b', act)])).toEqual([1, 1, 2])
  expect(await onceAtATime('a', act)).toBe(3)
})

test('what fails fails for all that wait for it, and may be tried again', async () => {
  const onceAtATime = createOnceAtATime()
  const { promise, reject } = Promise.withResolvers<never>()
  const fail = async (): Promise<never> => promise
  reject(new Error('away'))
  const outcomes = await Promise.allSettled([onceAtATime('a', fail), onceAtATime('a', fail)])
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(await onceAtATime('a', async () => 'there')).toBe('there')
})
