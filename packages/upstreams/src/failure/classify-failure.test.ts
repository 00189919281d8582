import { describe, expect, test } from 'vitest'

import { backoffMs, classifyFailure, cooldownMs } from './classify-failure.ts'
import type { FailureContext, FailureEvidence } from './classify-failure.ts'

const calm: FailureContext = {
  isCommitted: false,
  hasOtherAccount: true,
  attemptsHere: 1,
  strikes: 0,
  nowMs: 1_000_000,
  random: () => 0.5,
}

function answer(
  status: number,
  kind?: Extract<FailureEvidence, { source: 'answer' }>['kind'],
  retryAfterMs?: number,
): FailureEvidence {
  return { source: 'answer', status, kind, retryAfterMs }
}

function wire(code: Extract<FailureEvidence, { source: 'transport' }>['failure']['code']): FailureEvidence {
  return { source: 'transport', failure: { code, message: code } }
}

describe('the request', () => {
  test.for([
    ['connect-failed', wire('connect-failed')],
    ['a cut answer', wire('cut')],
    ['headers-timeout', wire('headers-timeout')],
    ['401', answer(401, 'upstream_auth')],
    ['402', answer(402, undefined)],
    ['404', answer(404, 'not_found')],
    ['408', answer(408, undefined)],
    ['429', answer(429, 'rate_limit')],
    ['500', answer(500, 'internal')],
    ['503', answer(503, undefined)],
    ['529', answer(529, 'overloaded')],
    ['an error inside a 200 stream', answer(200, 'overloaded')],
  ] as const)('goes to the next account after %s', ([, evidence]) => {
    expect(classifyFailure(evidence, calm)).toMatchObject({ action: 'next-account', delayMs: 0 })
  })

  test.for([
    ['400', answer(400, 'invalid_request')],
    ['413', answer(413, 'too_large')],
    ['422', answer(422, undefined)],
    ['a context that is too long', answer(400, 'context_too_long')],
    ['a content refusal', answer(400, 'content_policy')],
    ['an abort', wire('aborted')],
  ] as const)('is not tried again after %s, and the account is not touched', ([, evidence]) => {
    expect(classifyFailure(evidence, calm)).toEqual({
      action: 'tell-client',
      delayMs: 0,
      cooldown: undefined,
      attention: undefined,
    })
  })

  test('is tried once more after 409, on another account where there is one, and only once', () => {
    const evidence = answer(409, 'conflict')
    expect(classifyFailure(evidence, calm).action).toBe('next-account')
    expect(classifyFailure(evidence, { ...calm, hasOtherAccount: false }).action).toBe('retry-same')
    for (const hasOtherAccount of [true, false])
      expect(classifyFailure(evidence, { ...calm, hasOtherAccount, attemptsHere: 2 }).action).toBe('tell-client')
  })

  test('is never tried again once a byte has gone to the client, but the account cools down', () => {
    const decision = classifyFailure(wire('cut'), { ...calm, isCommitted: true })
    expect(decision.action).toBe('tell-client')
    expect(decision.cooldown?.cause).toBe('connection')
  })

  test('waits and tries the same account where there is no other one', () => {
    const alone = { ...calm, hasOtherAccount: false }
    expect(classifyFailure(answer(503), alone)).toMatchObject({ action: 'retry-same', delayMs: 250 })
    expect(classifyFailure(answer(429, 'rate_limit'), alone).action).toBe('tell-client')
    expect(classifyFailure(answer(401), alone).action).toBe('tell-client')
    expect(classifyFailure(answer(404, 'not_found'), alone).action).toBe('tell-client')
  })
})

test('what the same account would only say again is tried elsewhere, and never twice there', () => {
  const final: FailureEvidence = { source: 'answer', status: 500, kind: 'internal', shouldRetry: false }
  const elsewhere: FailureEvidence = { source: 'answer', status: 405, kind: 'upstream_invalid_response' }
  for (const evidence of [wire('certificate-refused'), wire('proxy-refused'), final, elsewhere]) {
    expect(classifyFailure(evidence, calm).action).toBe('next-account')
    const alone = classifyFailure(evidence, { ...calm, hasOtherAccount: false })
    expect([alone.action, alone.cooldown?.untilMs]).toEqual(['tell-client', 1_002_000])
  }
})

test('an answer that is too large may be tried elsewhere, never again at the same account, and blames nobody', () => {
  const innocent = { cooldown: undefined, attention: undefined }
  expect(classifyFailure(wire('too-large'), calm)).toMatchObject({ action: 'next-account', ...innocent })
  const alone = { ...calm, hasOtherAccount: false }
  expect(classifyFailure(wire('too-large'), alone)).toMatchObject({ action: 'tell-client', ...innocent })
  expect(classifyFailure(answer(200, 'overflow'), alone)).toMatchObject({ action: 'tell-client', ...innocent })
})

describe('the account', () => {
  test.for([401, 403])('needs a new credential after %s', (status) => {
    const { attention, cooldown } = classifyFailure(answer(status), calm)
    expect({ attention, cooldown }).toEqual({ attention: 'credential-refused', cooldown: undefined })
  })

  test.for([answer(402), answer(429, 'upstream_quota'), answer(400, 'billing')])(
    'needs money when its quota is used up',
    (evidence) => {
      expect(classifyFailure(evidence, calm).attention).toBe('billing')
    },
  )

  test('needs nobody where the used-up quota comes back by itself', () => {
    const { attention, cooldown } = classifyFailure(answer(429, 'upstream_quota', 7_200_000), calm)
    expect({ attention, cooldown }).toEqual({
      attention: undefined,
      cooldown: { cause: 'rate-limited', untilMs: 8_200_000 },
    })
  })

  test('is out until the wait that a 429 asks for, else 30 seconds', () => {
    expect(classifyFailure(answer(429, 'rate_limit', 90_000), calm).cooldown).toEqual({
      cause: 'rate-limited',
      untilMs: 1_090_000,
    })
    expect(classifyFailure(answer(429), calm).cooldown?.untilMs).toBe(1_030_000)
  })

  test('is out for 2 seconds that double with repeats up to 120, jittered by a fifth', () => {
    expect([0, 1, 2, 5, 6, 60].map((strikes) => cooldownMs(strikes, calm.random))).toEqual([
      2000, 4000, 8000, 64_000, 120_000, 120_000,
    ])
    expect(cooldownMs(0, () => 0)).toBe(1600)
    expect(cooldownMs(0, () => 0.999999)).toBe(2400)
  })

  test('is not blamed for an address that the operator has not allowed', () => {
    const decision = classifyFailure(wire('blocked-address'), calm)
    expect(decision).toMatchObject({ cooldown: undefined, attention: undefined })
  })
})

test('the wait between attempts on one account doubles from 250 ms', () => {
  expect([1, 2, 3].map((attempt) => backoffMs(attempt, () => 0.5))).toEqual([250, 500, 1000])
})
