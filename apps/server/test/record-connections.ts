import dns from 'node:dns'
import { appendFileSync } from 'node:fs'
import { Socket } from 'node:net'

/**
 * Loaded into a process before its program: writes down every address it connects to and every name it looks up, a line
 * each, into the file that `RECORD_CONNECTIONS` names.
 */
const FILE = process.env['RECORD_CONNECTIONS'] ?? ''

const connect = Socket.prototype.connect as (...words: unknown[]) => Socket
Socket.prototype.connect = function record(this: Socket, ...words: unknown[]): Socket {
  const [first] = Array.isArray(words[0]) ? (words[0] as unknown[]) : words // node's own callers hand over an array
  appendFileSync(FILE, `connect ${JSON.stringify(targetOf(first, words[1]))}\n`)
  return connect.apply(this, words)
}

const lookup = dns.lookup as (...words: unknown[]) => void
Object.assign(dns, {
  lookup: (...words: unknown[]) => {
    appendFileSync(FILE, `lookup ${JSON.stringify(words[0])}\n`)
    lookup(...words)
  },
})

function targetOf(first: unknown, second: unknown): unknown {
  if (typeof first !== 'object' || first === null) return { port: first, host: second }
  const { host, port, path } = first as { host?: unknown; port?: unknown; path?: unknown } // the options of a connection
  return path === undefined ? { host, port } : { path }
}
