import { readFileSync } from 'node:fs'

import { type Environment, readVariable } from './environment.ts'

/** Behind the name of a secret: the path of a file that holds it, as container secrets come. */
const FILE_SUFFIX = '_FILE'

/** A secret is a line of text; whatever is larger is another file. */
const MAX_SECRET_BYTES = 64 * 1024

/**
 * Reads a secret from its variable `NAME`, or from the file that `NAME_FILE` names; line ends around it do not count.
 *
 * @param mistakes - gets a line for a file that cannot be read, without what it holds, and for both ways at once
 */
export function readSecret(environment: Environment, name: string, mistakes: string[]): string | undefined {
  const text = readVariable(environment, name)
  const path = readVariable(environment, name + FILE_SUFFIX)
  if (path === undefined) return text
  if (text !== undefined) {
    mistakes.push(`${name}, ${name}${FILE_SUFFIX}: are both set; keep one of them`)
    return undefined
  }
  const content = readText(path)
  if (content.trouble !== undefined) mistakes.push(`${name}${FILE_SUFFIX}: ${JSON.stringify(path)} ${content.trouble}`)
  return content.text
}

function readText(path: string): { readonly text?: string; readonly trouble?: string } {
  try {
    const bytes = readFileSync(path)
    if (bytes.length > MAX_SECRET_BYTES) return { trouble: `is larger than ${MAX_SECRET_BYTES} bytes` }
    const text = bytes.toString('utf8').trim()
    return text === '' ? { trouble: 'is empty' } : { text }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    return { trouble: `cannot be read (${code})` }
  }
}
