import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'

import type { TransferRow } from '@relay/account-store'
import { TRANSFER_TABLES } from '@relay/account-store'
import * as z from 'zod'

import { EXIT_CODES, ExitError } from '../exit-error.ts'
import type { ExportHeader } from './export-file.ts'
import type { FileSecret, LineSealer } from './line-sealer.ts'
import { openLineSealer } from './line-sealer.ts'

/** An export that was looked at and is whole. */
export interface CheckedExport {
  readonly header: ExportHeader
  readonly rows: number
  /** Its rows; secrets opened where there are any.
   * @throws ExitError when the secrets cannot be opened */
  read(secret: FileSecret | undefined, onProgress?: (rows: number) => void): AsyncGenerator<TransferRow, void>
}

const headerSchema = z.object({
  format: z.literal('relay-export'),
  version: z.literal(1),
  madeBy: z.string(),
  createdAt: z.string(),
  withUsage: z.boolean(),
  secrets: z
    .union([
      z.object({ kdf: z.literal('argon2id'), memory: z.number(), passes: z.number(), salt: z.string() }),
      z.object({ kdf: z.literal('encryption-key'), salt: z.string(), keyId: z.string() }),
    ])
    .nullable(),
})
const lineSchema = z.object({
  table: z.string(),
  row: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
  secret: z.string().optional(),
})
const endSchema = z.object({ end: z.literal(true), rows: z.number(), sha256: z.string() })
const secretSchema = z.record(z.string(), z.union([z.string(), z.number(), z.null()]))

const PROGRESS_ROWS = 1000

/**
 * Reads a whole export once and proves that nothing of it is missing or changed by accident.
 *
 * @throws ExitError for a file that is no export, cut, damaged, or of a newer version
 */
export async function checkExport(path: string): Promise<CheckedExport> {
  const hash = createHash('sha256')
  let header: ExportHeader | undefined
  let last: string | undefined
  let rows = -1
  for await (const line of linesOf(path)) {
    if (last !== undefined) hash.update(`${last}\n`)
    header ??= readHeader(path, line)
    last = line
    rows += 1
  }
  if (header === undefined || last === undefined) throw unusable(path, 'is empty')
  const end = endSchema.safeParse(parse(last))
  if (!end.success) throw unusable(path, 'is cut: its last line is missing')
  if (end.data.rows !== rows - 1 || end.data.sha256 !== hash.digest('hex')) throw unusable(path, 'is damaged')
  const checked = header
  return {
    header: checked,
    rows: end.data.rows,
    read: (secret, onProgress) => readRows({ path, header: checked, secret, onProgress }),
  }
}

interface Reading {
  readonly path: string
  readonly header: ExportHeader
  readonly secret: FileSecret | undefined
  readonly onProgress: ((rows: number) => void) | undefined
}

async function* readRows(reading: Reading): AsyncGenerator<TransferRow, void> {
  const { path, onProgress } = reading
  const sealer = await sealerOf(reading)
  let number = -1
  for await (const line of linesOf(path)) {
    number += 1
    if (number === 0) continue
    const parsed = lineSchema.safeParse(parse(line))
    if (!parsed.success) return // the last line, as was checked
    const { table, row, secret } = parsed.data
    const known = TRANSFER_TABLES.find((candidate) => candidate === table)
    if (known !== undefined) yield { table: known, row: { ...row, ...openSecret({ path, sealer, secret }, number) } }
    if (number % PROGRESS_ROWS === 0) onProgress?.(number)
  }
}

async function sealerOf({ path, header, secret }: Reading): Promise<LineSealer | undefined> {
  if (header.secrets === null) return undefined
  const sealer = secret === undefined ? undefined : await openLineSealer(header.secrets, secret)
  if (sealer !== undefined) return sealer
  const way =
    header.secrets.kdf === 'argon2id'
      ? 'its secrets are sealed under a passphrase; give it with --passphrase-env NAME or --passphrase-stdin'
      : 'its secrets are sealed under another ENCRYPTION_KEY than the one in use'
  throw new ExitError(EXIT_CODES.failed, `${path}: ${way}`)
}

interface SealedLine {
  readonly path: string
  readonly sealer: LineSealer | undefined
  readonly secret: string | undefined
}

function openSecret({ path, sealer, secret }: SealedLine, line: number): TransferRow['row'] {
  if (sealer === undefined || secret === undefined) return {}
  const text = sealer.open(secret, line)
  if (text === undefined) throw new ExitError(EXIT_CODES.failed, `${path}: the passphrase does not open its secrets`)
  return secretSchema.parse(parse(text))
}

function readHeader(path: string, line: string): ExportHeader {
  const value = parse(line)
  const header = headerSchema.safeParse(value)
  if (header.success) return header.data
  const isNewer = typeof value === 'object' && value !== null && 'format' in value && value.format === 'relay-export'
  throw unusable(path, isNewer ? 'was made by a newer Relay; import it with that one' : 'is no export of Relay')
}

async function* linesOf(path: string): AsyncGenerator<string, void> {
  const bytes = createReadStream(path)
  const input = (await isCompressed(path)) ? bytes.pipe(createGunzip()) : bytes
  try {
    yield* createInterface({ input, crlfDelay: Infinity })
  } catch (error) {
    throw unusable(path, 'cannot be read; it may be cut', error)
  } finally {
    bytes.destroy()
  }
}

async function isCompressed(path: string): Promise<boolean> {
  const file = await open(path).catch((error: unknown) => {
    throw unusable(path, 'cannot be opened', error)
  })
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0)
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b
  } finally {
    await file.close()
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined // no line of an export
  }
}

function unusable(path: string, how: string, cause?: unknown): ExitError {
  return new ExitError(EXIT_CODES.failed, `${path} ${how}; nothing was changed`, { cause })
}
