import type { Candidate } from '@relay/account-store'
import { expect, test } from 'vitest'

import { failedAnswer } from './attempt.ts'
import type { LiveRequest } from './live-request.ts'
import { noFacts } from './request-facts.ts'
import { createTries, mayTry, noteFailedTry } from './tries.ts'

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

test('a retry for which the budget has no room is not waited for', async () => {
  const journey = { live: requestAfter(0, 1), state: undefined, tries: createTries('m', ['m']) }
  const decision = { action: 'retry-same', delayMs: 2 ** 30, cooldown: undefined, attention: undefined } as const
  const failed = {
    candidate: { account: { id: 'a' } } as unknown as Candidate, // what is looked at
    others: [],
    hasRestingAccount: false,
    outcome: failedAnswer(500, { kind: 'internal', message: 'oops' }),
  }
  const rooms = { pool: { blame: () => decision }, retries: { noteRequest: () => {}, take: () => false } }
  await noteFailedTry(rooms, journey, failed)
  expect(mayTry(journey.live, journey.tries)).toBe(false)
})
