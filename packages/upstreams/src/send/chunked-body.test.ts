import { expect, test } from 'vitest'

import { missingOfChunk, takeChunks } from './chunked-body.ts'

test.for([
  { what: 'one chunk', bytes: '5\r\nhello\r\n', data: 'hello', rest: '' },
  {
    what: 'chunks that came together',
    bytes: '5\r\nhello\r\n1\r\n,\r\n6\r\n world\r\n',
    data: 'hello, world',
    rest: '',
  },
  { what: 'a size in capitals, with zeros before it', bytes: '000A\r\n0123456789\r\n', data: '0123456789', rest: '' },
  { what: 'data that looks like framing', bytes: '9\r\n\r\n0\r\n\r\n5\r\r\n', data: '\r\n0\r\n\r\n5\r', rest: '' },
  { what: 'the last chunk', bytes: '2\r\nhi\r\n0\r\n\r\n', data: 'hi', rest: '0\r\n\r\n' },
  { what: 'the last chunk alone', bytes: '0\r\n\r\n', data: '', rest: '0\r\n\r\n' },
  { what: 'the beginning of a chunk', bytes: '2\r\nhi\r\n5\r\nhe', data: 'hi', rest: '5\r\nhe' },
  { what: 'a chunk without the end of its line break', bytes: '2\r\nhi\r', data: '', rest: '2\r\nhi\r' },
  { what: 'a size that is cut', bytes: '2\r\nhi\r\n5', data: 'hi', rest: '5' },
  { what: 'an extension', bytes: '2\r\nhi\r\n2;a=b\r\nho\r\n', data: 'hi', rest: '2;a=b\r\nho\r\n' },
  { what: 'no line break behind the data', bytes: '2\r\nhi\r\n2\r\nhooo\r\n', data: 'hi', rest: '2\r\nhooo\r\n' },
  { what: 'a bare line feed', bytes: '2\nhi\n', data: '', rest: '2\nhi\n' },
  { what: 'no size', bytes: '\r\nhi\r\n', data: '', rest: '\r\nhi\r\n' },
  { what: 'a sign', bytes: '-2\r\nhi\r\n', data: '', rest: '-2\r\nhi\r\n' },
])('takes whole chunks, and leaves what else there is: $what', ({ bytes, data, rest }) => {
  const taken = takeChunks(Buffer.from(bytes))
  expect({ data: taken.data?.toString() ?? '', rest: taken.rest?.toString() ?? '' }).toEqual({ data, rest })
})

test.for([
  { what: 'data is missing', bytes: '5\r\nhe', missing: 5 },
  { what: 'all data is missing', bytes: 'fff\r\n', missing: 4097 },
  { what: 'half a line break is missing', bytes: '2\r\nhi\r', missing: 1 },
  { what: 'the size is cut', bytes: '5\r', missing: undefined },
  { what: 'it is the last chunk', bytes: '0\r\n', missing: undefined },
  { what: 'it has an extension', bytes: '5;a\r\nhe', missing: undefined },
  { what: 'its size has more digits than any read', bytes: '00000005\r\nhe', missing: undefined },
])('says how much of a chunk has not come yet: $what', ({ bytes, missing }) => {
  expect(missingOfChunk(Buffer.from(bytes))).toBe(missing)
})
