import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Plan } from './model/plan.ts'

/** The task in words. */
export const TASK =
  'read a file and run a command at once, search the web where there is a search, write a report from what both said, ' +
  'correct a line of it, look at a picture, meet a missing file, and name the checksum of the report'

/** What a client is asked to do in one run, and how to see that it was done. */
export interface Task {
  /** The client's work folder. */
  readonly folder: string
  readonly prompt: string
  /** What the model does about it. */
  readonly plan: Plan
  /**
   * What is wrong with the work and with the last words of the client; empty when nothing is.
   *
   * @param hasSearchedInVain - the client has a search, and it found nothing
   */
  check(output: string, hasSearchedInVain?: boolean): readonly string[]
}

/** What the model adds when a search brought no page. */
const VAIN_SEARCH = ' The search found nothing.'

/** A PNG of one pixel. */
const PICTURE = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

/**
 * Makes the task: read an order and a serial number, write a report about both, correct it, look at a picture, meet an
 * error, and name the report's checksum.
 *
 * Order, serial number and checksum are known to the client's machine only: the model learns them from the results of
 * its calls, so the report can be right only when every result has reached it.
 */
export function createTask(folder: string): Task {
  const order = `Bestellung ${randomWord()}: 3 Birnen 🍐 für Zoë, "süß" \\ <reif> & 50 % $HOME`
  const serial = randomWord()
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'order.txt'), `${order}\n`)
  writeFileSync(join(folder, 'serial.txt'), `${serial}\n`)
  writeFileSync(join(folder, 'pears.png'), Buffer.from(PICTURE, 'base64'))
  const report = join(folder, 'report.md')
  return {
    folder,
    prompt: `Write report.md about order.txt and serial.txt in ${folder}; correct it and tell me its checksum.`,
    plan: createPlan(folder),
    check: (output, hasSearchedInVain = false) => {
      const wanted = reportOf(order, serial.toUpperCase()).replace('Zustand: Entwurf', 'Zustand: fertig ✓')
      const written = readIfThere(report)
      const troubles: string[] = []
      if (written !== wanted)
        troubles.push(`report.md is ${JSON.stringify(written)} in place of ${JSON.stringify(wanted)}`)
      const search = hasSearchedInVain ? VAIN_SEARCH : ''
      const words = `The checksum is ${checksum(wanted)}; the other file is not there; the picture was seen.${search}`
      if (!output.trimEnd().endsWith(words)) troubles.push(`the last words are ${JSON.stringify(output.slice(-300))}`)
      return troubles
    },
  }
}

function createPlan(folder: string): Plan {
  const report = join(folder, 'report.md')
  return {
    steps: [
      {
        name: 'look',
        text: 'I read the order first. 🍐',
        act: () => [
          { type: 'read', path: join(folder, 'order.txt') },
          { type: 'run', command: `tr a-z A-Z < '${join(folder, 'serial.txt')}'` },
        ],
      },
      { name: 'search', act: () => [{ type: 'search', query: 'pear harvest' }] },
      {
        name: 'write',
        act: ({ result }) => [
          { type: 'write', path: report, content: reportOf(findOrder(result('look')), findSerial(result('look', 1))) },
        ],
      },
      {
        name: 'correct',
        text: 'Now the state.',
        act: () => [{ type: 'edit', path: report, line: 'Zustand: Entwurf', newLine: 'Zustand: fertig ✓' }],
      },
      { name: 'picture', act: () => [{ type: 'look', path: join(folder, 'pears.png') }] },
      { name: 'miss', act: () => [{ type: 'read', path: join(folder, 'missing.txt') }] },
      { name: 'sum', act: () => [{ type: 'run', command: `sha256sum '${report}'` }] },
    ],
    finish: ({ result, pictures }) => {
      const sum = /[0-9a-f]{64}/.exec(result('sum'))?.[0] ?? 'unknown'
      const miss = /no such file|does not exist|not found/i.test(result('miss')) ? 'is not there' : 'was not looked for'
      const picture = pictures.includes(PICTURE) ? 'seen' : `not among ${pictures.length} pictures`
      const search = /^$|example\.com\/pears/.test(result('search')) ? '' : VAIN_SEARCH
      return `The checksum is ${sum}; the other file ${miss}; the picture was ${picture}.${search}`
    },
  }
}

function reportOf(order: string, serial: string): string {
  return `# Bericht\n\nZustand: Entwurf\nAuftrag: ${order}\nSerie:\t${serial}\n`
}

/** The order as a tool shows it, perhaps with a line number before it or a frame around it. */
function findOrder(result: string): string {
  return /Bestellung .*\$HOME/.exec(result)?.[0] ?? 'unknown'
}

function findSerial(result: string): string {
  return /\b[A-Z]{12}\b/.exec(result)?.[0] ?? 'unknown'
}

/** Twelve lower-case letters. */
function randomWord(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => String.fromCodePoint(97 + (byte % 26))).join(
    '',
  )
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined // the client did not write it: the caller says so
  }
}

function checksum(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
