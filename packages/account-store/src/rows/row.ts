import type { SQLOutputValue } from 'node:sqlite'

import { StoreError } from '../store-error.ts'

/** One row as it comes from the database. */
export type Row = Readonly<Record<string, SQLOutputValue>>

/** A text that is always there. */
export function readText(row: Row, column: string): string {
  return readOptionalText(row, column) ?? missing(column)
}

/** A text, or `undefined` for NULL. */
export function readOptionalText(row: Row, column: string): string | undefined {
  const value = row[column]
  if (value === null || value === undefined) return undefined
  return typeof value === 'string' ? value : missing(column)
}

/** A whole number that is always there. */
export function readNumber(row: Row, column: string): number {
  return readOptionalNumber(row, column) ?? missing(column)
}

/** A whole number, or `undefined` for NULL. */
export function readOptionalNumber(row: Row, column: string): number | undefined {
  const value = row[column]
  if (value === null || value === undefined) return undefined
  return typeof value === 'number' ? value : missing(column)
}

/** Bytes that are always there. */
export function readBytes(row: Row, column: string): Uint8Array {
  const value = row[column]
  return value instanceof Uint8Array ? value : missing(column)
}

/** An object that this package wrote as JSON. */
export function readObject(row: Row, column: string): Readonly<Record<string, unknown>> {
  return readOptionalObject(row, column) ?? missing(column)
}

/** An object that this package wrote as JSON, or `undefined` for NULL. */
export function readOptionalObject(row: Row, column: string): Readonly<Record<string, unknown>> | undefined {
  const text = readOptionalText(row, column)
  const value = text === undefined ? undefined : parseJson(text, column)
  if (value === undefined) return undefined
  // Its own package wrote the object; the caller knows which fields it put there.
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : missing(column)
}

/** A list that this package wrote as JSON. */
export function readList(row: Row, column: string): readonly unknown[] {
  const list = parseJson(readText(row, column), column)
  return Array.isArray(list) ? list : missing(column)
}

function parseJson(text: string, column: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch (cause) {
    throw new StoreError('store-damaged', `column ${column} does not hold JSON; restore a backup`, { cause })
  }
}

function missing(column: string): never {
  throw new StoreError('store-damaged', `column ${column} holds no value of its type; restore a backup`)
}
