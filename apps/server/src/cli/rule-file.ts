import { readFileSync, statSync } from 'node:fs'

import { type CompiledRules, compileRules } from '@relay/format-converter/rules'

import { toPlainJson } from '../config/plain-json.ts'
import { ruleTroubles } from '../config/rule-troubles.ts'
import { formatPath } from '../config/substitute-variables.ts'
import { EXIT_CODES, ExitError } from '../exit-error.ts'
import { oneLine } from './report.ts'

const MAX_FILE_BYTES = 1024 * 1024

/** A file of rules that can be used. */
export interface RuleFile {
  /** As it was written, without comments. */
  readonly source: Readonly<Record<string, unknown>>
  readonly rules: CompiledRules
}

/** What is wrong with a file of rules, one line each. */
export interface RuleFileMistakes {
  readonly mistakes: readonly string[]
}

/**
 * Reads a file of rules; comments are allowed.
 *
 * @throws ExitError when it cannot be read or is no JSON
 */
export function readRuleFile(path: string): RuleFile | RuleFileMistakes {
  const source = parse(path, readText(path))
  const compiled = compileRules(source)
  if (compiled.ok) return { source, rules: compiled.rules }
  return { mistakes: ruleTroubles(source).map((trouble) => `${formatPath(trouble.path)}: ${trouble.message}`) }
}

/** @throws ExitError that lists the mistakes */
export function requireRuleFile(path: string): RuleFile {
  const file = readRuleFile(path)
  if ('rules' in file) return file
  throw refusal(path, file.mistakes)
}

function refusal(path: string, mistakes: readonly string[]): ExitError {
  return new ExitError(EXIT_CODES.failed, [`${path} cannot be used`, ...mistakes.map(oneLine)].join('\n  '))
}

function readText(path: string): string {
  try {
    const { size } = statSync(path)
    if (size > MAX_FILE_BYTES) throw refusal(path, [`the file has ${size} bytes, allowed are ${MAX_FILE_BYTES}`])
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '') // what some editors leave behind
  } catch (error) {
    if (error instanceof ExitError) throw error
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    throw refusal(path, [`the file cannot be read (${code})`])
  }
}

function parse(path: string, text: string): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(toPlainJson(text))
  } catch {
    throw refusal(path, ['the file is not valid JSON; comments are allowed'])
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown> // checked on this line
  throw refusal(path, ['the file must hold one JSON object with version and rules'])
}
