import { expect, test } from 'vitest'

import { isRequestId, readFilters, readOpen, withFilter, withOpen, withTime, withoutFilters } from './address.ts'

const ADDRESS = 'https://relay.test/admin-next/requests'
const parameters = (query: string) => new URLSearchParams(query)

test('filters are read by their names in the address', () => {
  expect(readFilters(parameters('key=k1&account=a1&model=gpt-5.2&status=404&reason=rejected'))).toEqual({
    keyId: 'k1',
    accountId: 'a1',
    model: 'gpt-5.2',
    status: 404,
    reason: 'rejected',
  })
})

test.for([
  'status=abc',
  'status=',
  'status=1000',
  'reason=nonsense',
  'model=',
  `model=${'m'.repeat(501)}`,
  'stream=perhaps',
  'from=-1',
  'client=smoke-signals',
  'endpoint=embeddings',
  'unknown=1',
  '__proto__=1',
])('a value that makes no sense filters nothing: %s', (query) => {
  expect(readFilters(parameters(query))).toEqual({})
  expect(readFilters(parameters(`${query}&key=k1`))).toEqual({ keyId: 'k1' })
})

test('every filter of the server can stand in the address', () => {
  const query =
    'owner=ada&endpoint=%2Fv1%2Fembeddings&client=openai-chat&stream=true&losses=false&loss=x&session=s&tag=a%3Ab&from=5&before=9'
  expect(readFilters(parameters(query))).toEqual({
    owner: 'ada',
    endpoint: '/v1/embeddings',
    clientFormat: 'openai-chat',
    isStream: true,
    hasLosses: false,
    lossCode: 'x',
    sessionId: 's',
    tag: 'a:b',
    from: 5,
    before: 9,
  })
  const url = { href: `${ADDRESS}?key=k1` }
  expect(withTime(url, { from: 5, before: 9 })).toBe('/admin-next/requests?key=k1&from=5&before=9')
  expect(withTime({ href: `${ADDRESS}?from=5&before=9` }, undefined)).toBe('/admin-next/requests')
})

test('a filter changes its own part of the address only', () => {
  const url = { href: `${ADDRESS}?key=k1&open=req-1` }
  expect(withFilter(url, 'model', 'a b&c')).toBe('/admin-next/requests?key=k1&open=req-1&model=a+b%26c')
  expect(withFilter(url, 'keyId', '')).toBe('/admin-next/requests?open=req-1')
  expect(withoutFilters(url)).toBe('/admin-next/requests?open=req-1')
})

test('the id of a request is told from the name of a model', () => {
  expect(isRequestId('req_01a229b6730d2a11c02b755b47de1b41')).toBe(true)
  for (const text of ['', 'req_', 'req_gpt-5.2', 'gpt-5.2', ' req_01a229b6730d2a11c02b755b47de1b41x'])
    expect(isRequestId(text)).toBe(false)
})

test('the open request is in the address, whatever its id', () => {
  const opened = withOpen({ href: `${ADDRESS}?key=k1` }, 'req/1?x=&y')
  expect(readOpen(new URL(opened, ADDRESS).searchParams)).toBe('req/1?x=&y')
  expect(withOpen(new URL(opened, ADDRESS), undefined)).toBe('/admin-next/requests?key=k1')
})
