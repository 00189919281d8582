import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

import type { Project } from '../project.ts'

/** A Chat server for the README's blocks, made of the packed library's own test answers. */
const PROGRAM = `
import { createServer } from 'node:http'
import { buildAnswer } from '@relay/format-converter/testing'

const { body, stream } = buildAnswer('openai-chat', { text: 'Hello over there.' })
const server = createServer(async (request, response) => {
  let text = ''
  for await (const chunk of request) text += chunk
  const isStream = JSON.parse(text).stream === true
  response.setHeader('content-type', isStream ? 'text/event-stream' : 'application/json')
  response.end(isStream ? stream : JSON.stringify(body))
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
`

/** Runs a step while the server is there; it is a process of its own, because the step may block this one. */
export async function withFakeServer<Result>(
  project: Project,
  step: (server: string) => Promise<Result>,
): Promise<Result> {
  const child = spawn(process.execPath, [project.write('server.mjs', PROGRAM)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const [port] = (await once(createInterface(child.stdout), 'line')) as [string] // the program's first line
    return await step(`http://127.0.0.1:${port}/v1`)
  } finally {
    child.kill()
  }
}
