import { expect, test } from 'vitest'

import { emptyDraft } from './draft.ts'
import type { ErrorRuleDraft } from './draft.ts'
import { draftTroubles, toInput } from './send-draft.ts'

const EMPTY: ErrorRuleDraft = { status: '', body: '', headerName: '', headerValue: '', class: 'overloaded' }

function draftWith(...errorClasses: ErrorRuleDraft[]) {
  return { ...emptyDraft('UTC'), name: 'main', baseUrl: 'https://upstream.example', errorClasses }
}

test('a name is needed, and an address, be it of one format', () => {
  expect(draftTroubles(emptyDraft('UTC'))).toEqual({ name: 'missing', baseUrl: 'missing' })
  const formatBaseUrls = { claude: 'https://upstream.example', 'openai-chat': '', 'openai-responses': '' }
  expect(draftTroubles({ ...draftWith(), baseUrl: '', formatBaseUrls })).toEqual({})
})

test('a rule about errors carries the conditions that are filled in', () => {
  const rules = [
    { ...EMPTY, status: ' 403 ', body: 'quota ', class: 'quota-used-up' },
    { ...EMPTY, headerName: 'x-error', headerValue: 'busy' },
    { ...EMPTY, headerName: 'x-error' },
  ]
  expect(draftTroubles(draftWith(...rules))).toEqual({})
  expect(toInput(draftWith(...rules)).errorClasses).toEqual([
    { status: 403, body: 'quota', header: undefined, class: 'quota-used-up' },
    { status: undefined, body: undefined, header: { name: 'x-error', value: 'busy' }, class: 'overloaded' },
    { status: undefined, body: undefined, header: { name: 'x-error', value: undefined }, class: 'overloaded' },
  ])
})

test('a price multiplier that was emptied does not make everything free', () => {
  expect(draftTroubles({ ...draftWith(), priceMultiplier: ' ' })).toEqual({ priceMultiplier: 'number' })
  expect(draftTroubles({ ...draftWith(), priceMultiplier: '0' })).toEqual({})
})

test.for([{}, { status: '40' }, { status: 'four' }, { headerValue: 'busy' }, { body: 'x', headerValue: 'busy' }])(
  'a rule with %j alone is none',
  (conditions) => {
    expect(draftTroubles(draftWith({ ...EMPTY, ...conditions }))).toEqual({ errorClasses: 'error-rules' })
  },
)
