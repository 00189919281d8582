import { createRequire } from 'node:module'

import { run, type Project } from '../project.ts'
import { readmeBlocks } from '../readme.ts'
import type { RuntimeResult } from './runtime.ts'

const TYPESCRIPT = createRequire(import.meta.url).resolve('typescript/bin/tsc')

/** The types of this package take what the SDKs' types describe, before any of them is registered. */
const UNREGISTERED = `
import type Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { createConverter } from '@relay/format-converter'
import { createFetch } from '@relay/format-converter/fetch'

declare const asked: {
  messages: Anthropic.MessageCreateParams
  chat: OpenAI.ChatCompletionCreateParams
  responses: OpenAI.Responses.ResponseCreateParams
}
createConverter({ client: 'anthropic-messages', upstream: 'openai-chat' }).exchange(asked.messages)
createConverter({ client: 'openai-chat', upstream: 'openai-responses' }).exchange(asked.chat)
createConverter({ client: 'openai-responses', upstream: 'anthropic-messages' }).exchange(asked.responses)
// A vendor's own field is welcome as long as nothing is registered.
createConverter({ client: 'openai-chat', upstream: 'openai-chat' }).exchange({ model: 'm', messages: [], top_k: 3 })
new OpenAI({ fetch: createFetch({ client: 'openai-chat', upstream: 'anthropic-messages', baseURL: '' }) })
`

/** Registered types hold on the way in and on the way out; \`@ts-expect-error\` fails where there is no error. */
const REGISTERED = `
import type Anthropic from '@anthropic-ai/sdk'
import type OpenAI from 'openai'
import { convertRequest, createConverter } from '@relay/format-converter'

declare module '@relay/format-converter' {
  interface FormatTypes {
    'anthropic-messages': { request: Anthropic.MessageCreateParams; response: Anthropic.Message }
    'openai-chat': { request: OpenAI.ChatCompletionCreateParams; response: OpenAI.ChatCompletion }
  }
}

const messages = [{ role: 'user', content: 'hi' }] as const
const converter = createConverter({ client: 'anthropic-messages', upstream: 'openai-chat' })
const exchange = converter.exchange({ model: 'm', max_tokens: 1, messages: [...messages] })
// @ts-expect-error max_tokens is missing
converter.exchange({ model: 'm', messages: [...messages] })
// @ts-expect-error a slip of the pen
converter.exchange({ model: 'm', max_tokens: 1, max_token: 1, messages: [...messages] })
export const sent: OpenAI.ChatCompletionCreateParams = exchange.request
export const answered: Anthropic.Message = exchange.response({}).body
export const back: Anthropic.MessageCreateParams = convertRequest({ from: 'openai-chat', to: 'anthropic-messages', body: sent }).body
`

/** The compiler of this workspace, in a stranger's strict project: the packed declarations and every block of the README. */
export function checkTypes(project: Project): Promise<RuntimeResult> {
  const blocks = readmeBlocks('http://localhost').map(({ code }, index) => ({ code, name: `typed-readme-${index}.ts` }))
  const registering = blocks.filter(({ code }) => code.includes('declare module'))
  const others = blocks.filter((block) => !registering.includes(block))
  compile(project, [{ name: 'unregistered.ts', code: UNREGISTERED }, ...others])
  compile(project, [{ name: 'registered.ts', code: REGISTERED }])
  compile(project, registering)
  const version = run(process.execPath, [TYPESCRIPT, '--version'], project.folder).trim()
  const checks = ['the SDKs’ types are taken', 'registered types hold', `README: ${blocks.length} blocks`]
  return Promise.resolve({ version, checks })
}

function compile(project: Project, sources: readonly { readonly name: string; readonly code: string }[]): void {
  for (const { name, code } of sources) project.write(name, code)
  const config = {
    compilerOptions: {
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      target: 'es2023',
      module: 'nodenext',
      lib: ['es2024', 'dom', 'dom.iterable'],
      types: [],
      skipLibCheck: true, // the SDKs' own declarations want Node's
    },
    files: sources.map(({ name }) => name),
  }
  try {
    run(process.execPath, [TYPESCRIPT, '-p', project.write('tsconfig.json', JSON.stringify(config))], project.folder)
  } catch (error) {
    // the compiler prints what it found
    throw new Error(`types do not hold: ${String((error as { stdout?: unknown }).stdout)}`, { cause: error })
  }
}
