import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'

/** One file of the panel, held in memory with its compressed twins. */
export interface PanelFile {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly brotli: Uint8Array<ArrayBuffer> | undefined
  readonly gzip: Uint8Array<ArrayBuffer> | undefined
  readonly contentType: string
  /** Names the uncompressed bytes; without quotes. */
  readonly tag: string
  /** The name holds a hash of the content, so that the file may be kept for ever. */
  readonly isImmutable: boolean
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.txt': 'text/plain; charset=utf-8',
  '.woff2': 'font/woff2',
}

/** SvelteKit puts every file with a hash in its name below this folder. */
const IMMUTABLE_FOLDER = '_app/immutable/'

/**
 * Reads every file below the directory, once: what is not in the answer cannot be served.
 *
 * @returns files by their path relative to the directory, with `/` between folders; `undefined` when there is no such directory
 */
export function readPanelFiles(directory: string): ReadonlyMap<string, PanelFile> | undefined {
  const paths = listFiles(directory)
  if (paths === undefined) return undefined
  const files = new Map<string, PanelFile>()
  for (const path of paths) {
    if (path.endsWith('.br') || path.endsWith('.gz')) continue
    const bytes = readFileSync(join(directory, path))
    files.set(path, {
      bytes,
      brotli: paths.has(`${path}.br`) ? readFileSync(join(directory, `${path}.br`)) : undefined,
      gzip: paths.has(`${path}.gz`) ? readFileSync(join(directory, `${path}.gz`)) : undefined,
      contentType: CONTENT_TYPES[extname(path)] ?? 'application/octet-stream',
      tag: createHash('sha256').update(bytes).digest('base64url').slice(0, 22),
      isImmutable: path.startsWith(IMMUTABLE_FOLDER),
    })
  }
  return files
}

function listFiles(directory: string): ReadonlySet<string> | undefined {
  try {
    const entries = readdirSync(directory, { recursive: true, withFileTypes: true })
    const files = entries.filter((entry) => entry.isFile())
    return new Set(files.map((entry) => relative(directory, join(entry.parentPath, entry.name)).replaceAll(sep, '/')))
  } catch (error) {
    // No panel was built: the server runs without one and says so. Any other trouble is worth stopping for.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
