import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

import type { Tool } from './pool-client.ts'

const text = { type: 'string' } as const

/** The tools that the SDKs' clients offer. */
export const TOOLS: readonly Tool[] = [
  {
    name: 'read',
    description: 'Reads a file.',
    schema: { type: 'object', properties: { path: text }, required: ['path'] },
  },
  {
    name: 'write',
    description: 'Writes a file.',
    schema: { type: 'object', properties: { path: text, content: text }, required: ['path', 'content'] },
  },
  {
    name: 'bash',
    description: 'Runs a command.',
    schema: { type: 'object', properties: { command: text }, required: ['command'] },
  },
]

/** Does what a call asks for. */
export function useTool(name: string, input: unknown): string {
  const { path = '', content = '', command = '' } = input as Readonly<Record<string, string>> // as the schemas say
  switch (name) {
    case 'read':
      return readFileSync(path, 'utf8')
    case 'write':
      writeFileSync(path, content)
      return 'written'
    case 'bash':
      return execFileSync('bash', ['-c', command], { encoding: 'utf8' })
    default:
      return `there is no tool ${name}`
  }
}
