import { execFileSync } from 'node:child_process'
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { findProvider } from '@pydantic/genai-prices'

/**
 * Writes the table of list prices in the form that `relay prices update --file` takes, so that a machine without a
 * network can be given a corrected or a newer one.
 *
 * @param listFile - a file beside it, for what is read on the way
 * @throws Error when the library lists a provider that it does not find
 */
export function writePriceTable(file: string, listFile: string): void {
  const providers = listProviders(listFile).map((providerId) => {
    const provider = findProvider({ providerId })
    if (provider === undefined) throw new Error(`the price table lists ${providerId}, and does not find it`)
    return provider
  })
  writeFileSync(file, `${JSON.stringify(providers, null, 1)}\n`)
}

/** The library tells the names of its providers only by its command, line by line: `  provider:model: name`. */
function listProviders(listFile: string): readonly string[] {
  const library = dirname(fileURLToPath(import.meta.resolve('@pydantic/genai-prices')))
  // To a file: the command ends before a pipe has taken everything.
  const output = openSync(listFile, 'w')
  execFileSync(process.execPath, [join(library, 'cli.js'), 'list'], { stdio: ['ignore', output, 'inherit'] })
  closeSync(output)
  const ids = [...readFileSync(listFile, 'utf8').matchAll(/^ {2}([^:\s]+):/gm)].map(([, id = '']) => id)
  return [...new Set(ids)]
}
