import { expect, test } from 'vitest'

import { parseDataUrl } from './data-url.ts'

test.for([
  ['data:image/png;base64,iVBO', 'image/png', 'iVBO'],
  ['DATA:Image/PNG;charset=utf-8;BASE64,iV\r\n BO', 'image/png', 'iVBO'],
  ['data:;base64,aGk=', 'text/plain', 'aGk='],
  ['data:text/plain,h%C3%A9%20llo', 'text/plain', btoa('h\u00c3\u00a9 llo')],
  ['data:text/plain,😀', 'text/plain', '8J+YgA=='],
  ['data:text/plain,é%', 'text/plain', btoa('\u00c3\u00a9%')],
  ['data:application/octet-stream,%ff%00', 'application/octet-stream', '/wA='],
] as const)('%s', ([url, mediaType, data]) => {
  expect(parseDataUrl(url)).toEqual({ mediaType, data })
})

test.for(['https://example.com/a.png', 'data:image/png;base64', 'iVBO', ''])('%s is no data URL', (text) => {
  expect(parseDataUrl(text)).toBeUndefined()
})
