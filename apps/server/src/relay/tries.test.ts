import { expect, test } from 'vitest'

import type { LiveRequest } from './live-request.ts'
import { noFacts } from './request-facts.ts'
import { createTries, mayTry } from './tries.ts'

function requestAfter(elapsedMs: number, attempts: number): LiveRequest {
  const ended = { accountId: 'a', accountName: 'a', status: 500, reason: 'internal', ms: 1 }
  const facts = { ...noFacts(), attempts: Array.from({ length: attempts }, () => ended) }
  return { facts, isFinished: false, elapsedMs: () => elapsedMs } as unknown as LiveRequest // what is looked at
}

test.for([
  { elapsedMs: 0, attempts: 0, mayGoOn: true },
  { elapsedMs: 90_000, attempts: 0, mayGoOn: true }, // its body came slowly, or it waited for its turn
  { elapsedMs: 29_999, attempts: 2, mayGoOn: true },
  { elapsedMs: 30_000, attempts: 1, mayGoOn: false },
  { elapsedMs: 0, attempts: 3, mayGoOn: false },
])('after $elapsedMs ms and $attempts tries: $mayGoOn', ({ elapsedMs, attempts, mayGoOn }) => {
  expect(mayTry(requestAfter(elapsedMs, attempts), createTries('m', ['m']))).toBe(mayGoOn)
})
