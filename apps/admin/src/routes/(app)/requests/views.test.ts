import { expect, test } from 'vitest'

import { MAX_VIEWS, parseViews, viewQuery } from './views.ts'

test('a view is the filters of an address, in whatever order, without the request that is open', () => {
  expect(viewQuery({ search: '?status=500&open=req-1&key=k' })).toBe('key=k&status=500')
  expect(viewQuery({ search: '?key=k&status=500' })).toBe('key=k&status=500')
  expect(viewQuery({ search: '?open=req-1' })).toBe('')
})

test.for([undefined, '', '{', 'null', '{}', '[1, null, {"name":"a"}, {"name":"","query":""}]'])(
  '%j holds no views',
  (text) => {
    expect(parseViews(text)).toEqual([])
  },
)

test('only as many views are taken as there is room for, the newest', () => {
  const many = Array.from({ length: MAX_VIEWS + 5 }, (_, index) => ({ name: `view ${index}`, query: 'status=500' }))
  const kept = parseViews(JSON.stringify(many))
  expect([kept.length, kept.at(-1)?.name]).toEqual([MAX_VIEWS, `view ${MAX_VIEWS + 4}`])
})
