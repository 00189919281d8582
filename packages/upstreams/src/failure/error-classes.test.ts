import { expect, test } from 'vitest'

import { classByRules, type ErrorClassRule } from './error-classes.ts'

const answer = {
  status: 400,
  text: '{"error":"Engine is currently BUSY"}',
  headers: new Map([['x-queue', 'Full, sorry']]),
}

test.for([
  [[{ body: 'busy', class: 'overloaded' }], 'overloaded'],
  [[{ status: 400, body: 'busy', header: { name: 'X-Queue', value: 'full' }, class: 'rate-limited' }], 'rate_limit'],
  [[{ header: { name: 'x-queue' }, class: 'quota-used-up' }], 'upstream_quota'],
  [
    [
      { status: 401, class: 'bad-request' },
      { status: 400, class: 'context-too-long' },
    ],
    'context_too_long',
  ],
  [[{ status: 400, body: 'idle', class: 'overloaded' }], undefined],
  [[{ header: { name: 'x-other' }, class: 'overloaded' }], undefined],
  [[{ class: 'constructor' }, { class: 'nonsense' }], undefined],
  [[], undefined],
] as const satisfies readonly (readonly [readonly ErrorClassRule[], string | undefined])[])(
  '%j makes it %s',
  ([rules, kind]) => expect(classByRules(rules, answer)).toBe(kind),
)
