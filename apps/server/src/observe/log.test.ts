import { Headers } from 'undici'
import { describe, expect, test } from 'vitest'

import type { Log, LogOptions } from './log.ts'
import { createLog } from './log.ts'

const CREDENTIAL = 'upstream-canary-4711-"quoted\\'

describe('the log', () => {
  test('writes one JSON object a line, with level, time and message', () => {
    const [line] = write((log) => log.info({ port: 3000 }, 'listening'))
    expect(line).toMatchObject({ level: 'info', message: 'listening', port: 3000 })
    expect(Date.parse(String(line?.['time']))).not.toBeNaN()
    expect(line).not.toHaveProperty('hostname')
  })

  test('leaves out what is below its level', () => {
    expect(write((log) => log.debug({}, 'detail'))).toHaveLength(0)
  })

  test('escapes control characters, so that one record stays one line', () => {
    const text = raw((log) => log.warn({ model: 'x\n{"level":"fatal"}\u001b[2J' }, 'strange\r\nmodel'))
    expect(text.trimEnd().split('\n')).toHaveLength(1)
    expect([...text.trimEnd()].filter((character) => character < ' ')).toEqual([])
  })

  test('the access line carries the facts of a request', () => {
    const fields = {
      requestId: 'req_1',
      method: 'POST',
      path: '/v1/messages',
      status: 200,
      durationMs: 12,
      reason: 'completed',
    }
    expect(write((log) => log.logAccess(fields))[0]).toMatchObject({ ...fields, type: 'access', message: 'request' })
  })
})

describe('secrets', () => {
  test.for(['trace', 'debug', 'info'] as const)('a known secret passes nowhere at level %s', (level) => {
    const text = raw(
      (log) => {
        log.hideSecret(CREDENTIAL)
        const error = new Error(`refused ${CREDENTIAL}`, { cause: new Error(CREDENTIAL) })
        log.error(
          { error, note: CREDENTIAL, deep: { list: [CREDENTIAL] }, [CREDENTIAL]: 1 },
          `failed with ${CREDENTIAL}`,
        )
        log.debug({ note: CREDENTIAL }, 'detail')
      },
      { level },
    )
    expect(text).not.toContain('upstream-canary')
    expect(text).toContain('[redacted]')
    for (const line of text.trimEnd().split('\n')) expect(() => JSON.parse(line)).not.toThrow()
  })

  test.for([
    'sk-ant-api03-canary0123456789',
    'sk-proj-canary_0123456789',
    'rk-canary0123456789',
    'Bearer canary.0123456789',
    'bearer canary0123456789',
    'authorization: canary0123456789',
    'x-api-key=canary0123456789',
    'https://host/v1?key=canary0123456789&alt=sse',
    'https://host/v1?alt=sse&api_key=canary0123456789',
    'https://user:canary0123456789@host/',
  ])('what has the shape of one is masked: %s', (text) => {
    expect(raw((log) => log.info({ text }, text))).not.toContain('canary')
  })

  test.for([
    'authorization',
    'Authorization',
    'x-api-key',
    'cookie',
    'set-cookie',
    'credential',
    'password',
    'jwtSecret',
    'encryptionKey',
    'token',
  ])('the field %s is never written', (name) => {
    expect(raw((log) => log.info({ headers: { [name]: 'a canary, unlike any secret' } }, 'request'))).not.toContain(
      'canary',
    )
  })

  test('token counts and key names are not mistaken for secrets', () => {
    const fields = { inputTokens: 12, outputTokens: 3, keyName: 'team', credentialLastFour: 'ab12' }
    expect(write((log) => log.info(fields, 'request'))[0]).toMatchObject(fields)
  })
})

describe('errors', () => {
  test('keep name, code, message and causes, and nothing else', () => {
    const cause = Object.assign(new Error('connect refused'), { code: 'ECONNREFUSED' })
    const error = Object.assign(new Error('sending failed', { cause }), {
      request: { body: 'canary' },
      headers: 'canary',
    })
    const [line] = write((log) => log.error({ error }, 'attempt failed'))
    expect(line?.['error']).toEqual({
      name: 'Error',
      message: 'sending failed',
      cause: { name: 'Error', code: 'ECONNREFUSED', message: 'connect refused' },
    })
  })

  test('carry a stack only for whoever asked for debug', () => {
    expect(write(logError)[0]?.['error']).not.toHaveProperty('stack')
    expect(write(logError, { level: 'debug' })[0]?.['error']).toHaveProperty('stack')
  })

  test('a JSON error does not quote the body it could not read', () => {
    const error = catchError(() => JSON.parse('canary prompt'))
    const [line] = write((log) => log.error({ error }, 'bad body'))
    expect(JSON.stringify(line)).not.toContain('canary')
    expect(line).toMatchObject({ error: { name: 'SyntaxError' } })
  })

  test('foreign objects are named, not written out', () => {
    const fields = {
      headers: new Headers({ note: 'canary' }),
      body: Buffer.from('canary'),
      map: new Map([['canary', 1]]),
    }
    const [line] = write((log) => log.info(fields, 'request'))
    expect(line).toMatchObject({ headers: '[Headers]', body: '[Buffer]', map: '[Map]' })
  })

  test('huge and endless fields are bounded', () => {
    const endless: Record<string, unknown> = {
      text: 'x'.repeat(1_000_000),
      list: Array.from({ length: 10_000 }, () => 'y'),
    }
    endless['self'] = endless
    expect(raw((log) => log.info({ endless }, 'bounded')).length).toBeLessThan(20_000)
  })
})

function raw(use: (log: Log) => void, options: Partial<LogOptions> = {}): string {
  let text = ''
  const destination = { write: (line: string): void => void (text += line) }
  use(createLog({ level: 'info', destination, ...options }))
  return text
}

function write(use: (log: Log) => void, options: Partial<LogOptions> = {}): Record<string, unknown>[] {
  const lines = raw(use, options).split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line))
}

function logError(log: Log): void {
  log.error({ error: new Error('canary') }, 'failed')
}

function catchError(action: () => unknown): unknown {
  try {
    return action()
  } catch (error) {
    return error
  }
}
