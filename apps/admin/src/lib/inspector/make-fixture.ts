import type { FormatName } from '@relay/format-converter'
import { strToU8, zipSync } from 'fflate'

/** What a case of the converter's fixtures is made of. */
export interface FixtureParts {
  /** Name of the case: letters, digits and dashes. */
  readonly name: string
  readonly client: FormatName
  readonly upstream: FormatName
  /** The model it was sent to. */
  readonly model: string
  readonly request: string
  readonly answer: Uint8Array
  readonly isStream: boolean
  /** What the case shows. */
  readonly note: string
}

/** A name of a folder from whatever somebody wrote. */
export function caseName(text: string): string {
  const name = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 60)
  return name === '' ? 'case' : name
}

/**
 * A zip with the layout of `packages/format-converter/fixtures/`: the answer beside the upstream's format, the request
 * beside the client's, each with a README. `pnpm golden` writes what the converter makes of them.
 */
export function makeFixture(parts: FixtureParts): Uint8Array {
  const { client, upstream, answer, isStream, request, model } = parts
  const name = caseName(parts.name)
  const note = `${parts.note.trim() === '' ? 'What it shows has to be written here.' : parts.note.trim()}\n\nRecorded and scrubbed: look for what identifies people before it is committed.\n`
  const files: Record<string, Uint8Array> = {}
  if (answer.length > 0) {
    files[`fixtures/${upstream}/${name}/answer.${isStream ? 'sse' : 'json'}`] = answer
    files[`fixtures/${upstream}/${name}/README.md`] = strToU8(note)
  }
  if (client !== upstream) {
    const folder = `fixtures/${client}/${name}`
    files[`${folder}/request.json`] = strToU8(request)
    files[`${folder}/models.json`] = strToU8(`${JSON.stringify({ [upstream]: model })}\n`)
    files[`${folder}/README.md`] = strToU8(note)
  }
  return zipSync(files, { mtime: new Date('2020-01-01T00:00:00') }) // the same parts give the same file
}

/** Hands a file to the reader. */
export function download(name: string, bytes: Uint8Array, type: string): void {
  const url = URL.createObjectURL(new Blob([Uint8Array.from(bytes)], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
