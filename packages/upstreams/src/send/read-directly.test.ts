import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

import { afterEach, expect, test } from 'vitest'

import { readDirectly } from './read-directly.ts'

const cleanUp: (() => unknown)[] = []

afterEach(async () => {
  for (const step of cleanUp.splice(0).toReversed()) await step()
})

test('what a socket receives is read before the socket has stored it', async () => {
  const { near, far } = await openPair()
  readDirectly(near)
  const happened: string[] = []
  const push = near.push.bind(near)
  near.push = (chunk: Buffer | null) => {
    const goesOn = push(chunk)
    happened.push('stored')
    return goesOn
  }

  const { text } = readAll(near, { onRead: (chunk) => happened.push(`read ${chunk}`) })
  far.write('hello')
  await expect.poll(() => happened).toEqual(['read hello', 'stored'])
  far.end()

  expect(await text).toBe('hello')
})

test('what its reader leaves waits in order, and so does the end', async () => {
  const { near, far } = await openPair()
  readDirectly(near)
  const reader = readAll(near, { isPaused: true })

  far.write('one ')
  await expect.poll(() => near.readableLength).toBe(4)
  far.write('two ')
  await expect.poll(() => near.readableLength).toBe(8)
  far.end('three')
  await expect.poll(() => near.readableLength).toBe(13)
  reader.resume()

  expect(await reader.text).toBe('one two three')
})

test('a reader that stops now and then holds the sender up and loses nothing', async () => {
  const { near, far } = await openPair()
  readDirectly(near)
  const sent = Array.from({ length: 200_000 }, (_, index) => `line ${index}\n`).join('')
  let reads = 0
  const reader = readAll(near, {
    onRead: () => {
      reads += 1
      if (reads % 3 !== 0) return
      reader.pause()
      setImmediate(reader.resume)
    },
  })

  far.end(sent)

  expect((await reader.text) === sent).toBe(true)
})

interface ReaderOptions {
  readonly isPaused?: boolean
  readonly onRead?: (chunk: string) => void
}

/** Reads as the HTTP library does: all there is, whenever the socket says that there is something. */
function readAll(socket: Socket, { isPaused = false, onRead }: ReaderOptions) {
  const { promise: text, resolve, reject } = Promise.withResolvers<string>()
  const chunks: Buffer[] = []
  const state = { mayRead: !isPaused }
  const readMore = (): void => {
    while (state.mayRead) {
      const chunk = socket.read() as Buffer | null // no encoding is set
      if (chunk === null) return
      chunks.push(chunk)
      onRead?.(chunk.toString('latin1'))
    }
  }
  socket.on('readable', readMore)
  socket.on('end', () => resolve(Buffer.concat(chunks).toString('latin1')))
  socket.on('error', reject)
  return {
    text,
    pause: () => {
      state.mayRead = false
    },
    resume: () => {
      state.mayRead = true
      readMore()
    },
  }
}

/** Two ends of a connection. */
async function openPair(): Promise<{ near: Socket; far: Socket }> {
  const far = Promise.withResolvers<Socket>()
  const server = createServer({ noDelay: true }, far.resolve)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const near = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const pair = { near, far: await far.promise }
  cleanUp.push(() => {
    near.destroy()
    pair.far.destroy()
    server.close()
  })
  return pair
}
