import { Agent, createServer, request } from 'node:http'

import { announce } from '../relay/announce.ts'

/** The smallest reverse proxy that `node:http` makes: pipes both ways, looks at nothing. Takes the upstream's URL. */
const upstream = new URL(process.argv[2] ?? '')
const agent = new Agent({ keepAlive: true })

const server = createServer((incoming, outgoing) => {
  const { method, url, headers } = incoming
  const call = request(
    { agent, host: upstream.hostname, port: upstream.port, method, path: url, headers },
    (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    },
  )
  call.on('error', () => outgoing.destroy())
  outgoing.on('close', () => call.destroy())
  incoming.pipe(call)
})
announce(server)
