import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { Hono } from 'hono'
import type { Context } from 'hono'

import { browserHeaders } from '../admin-api/browser-headers.ts'
import { PANEL_PATH } from '../admin-api/contract/places.ts'
import { readPanelFiles } from './panel-files.ts'
import type { PanelFile } from './panel-files.ts'

/** Where the panel's files are. */
export interface PanelOptions {
  /** The folder of the built panel; `undefined` or a missing one makes every answer say how to build it. */
  readonly directory: string | undefined
}

/** Answers every deep link: the panel finds its page by the address. */
const FALLBACK = '200.html'
const NOT_BUILT =
  'The panel has not been built yet. Run "pnpm build" in the repository and start the relay again.\n' +
  'The API and the command line work without it.\n'

/**
 * The built panel, to be mounted at `PANEL_PATH`. Files are read once, at the call, and looked up by their whole path:
 * no address can reach anything else.
 */
export function createPanel({ directory }: PanelOptions): Hono {
  const files = directory === undefined ? undefined : readPanelFiles(directory)
  const fallback = files?.get(FALLBACK)
  const panel = new Hono()
  panel.use(browserHeaders())
  panel.get('*', (context) => {
    if (files === undefined || fallback === undefined) return context.text(NOT_BUILT, 503)
    const path = readFilePath(context.req.path)
    const file = files.get(path)
    if (file !== undefined) return sendFile(context, file)
    // A page has no extension; a file that is gone must not be answered with a page.
    if (path.startsWith('_app/') || path.includes('.')) return context.text('There is no such file.\n', 404)
    return sendFile(context, fallback)
  })
  panel.all('*', (context) => context.text('The panel only answers GET and HEAD.\n', 405, { Allow: 'GET, HEAD' }))
  return panel
}

/** Finds the built panel: beside the bundle, or in the source tree. */
export function findPanelDirectory(): string | undefined {
  const candidates = ['./admin', '../../../admin/build']
  return candidates.map((path) => fileURLToPath(new URL(path, import.meta.url))).find((path) => existsSync(path))
}

function readFilePath(path: string): string {
  const relative = path.startsWith(`${PANEL_PATH}/`) ? path.slice(PANEL_PATH.length) : path
  return relative.replace(/^\//, '')
}

function sendFile(context: Context, file: PanelFile): Response {
  const etag = `W/"${file.tag}"` // weak: one tag for all codings of the same file
  context.header('ETag', etag)
  context.header('Cache-Control', file.isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache')
  context.header('Vary', 'Accept-Encoding')
  if (context.req.header('if-none-match') === etag) return context.body(null, 304)
  context.header('Content-Type', file.contentType)
  const { body, encoding } = chooseEncoding(context.req.header('accept-encoding') ?? '', file)
  if (encoding !== undefined) context.header('Content-Encoding', encoding)
  context.header('Content-Length', String(body.byteLength))
  return context.body(body)
}

interface Encoded {
  readonly body: Uint8Array<ArrayBuffer>
  readonly encoding: 'br' | 'gzip' | undefined
}

function chooseEncoding(accepted: string, file: PanelFile): Encoded {
  if (file.brotli !== undefined && accepts(accepted, 'br')) return { body: file.brotli, encoding: 'br' }
  if (file.gzip !== undefined && accepts(accepted, 'gzip')) return { body: file.gzip, encoding: 'gzip' }
  return { body: file.bytes, encoding: undefined }
}

/** Whether the coding is named and not refused with a weight of zero. */
function accepts(accepted: string, coding: string): boolean {
  return accepted.split(',').some((entry) => {
    const [name = '', ...parameters] = entry
      .trim()
      .toLowerCase()
      .split(/\s*;\s*/)
    return name === coding && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))
  })
}
