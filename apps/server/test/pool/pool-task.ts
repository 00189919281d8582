import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Plan } from '../clients/model/plan.ts'

/** The task in words. */
export const POOL_TASK =
  'read a file and run a command at once, write a report from what both said, and name the checksum of the report'

/** What a client is asked to do, and how to see that it was done. */
export interface PoolTask {
  readonly prompt: string
  readonly plan: Plan
  /** What is wrong with the work and with the last words; empty when nothing is. */
  check(output: string): readonly string[]
}

/**
 * Makes task number `index`: what is in the files is known to the client's machine only, so that the report can be right
 * only when every result has reached the model.
 */
export function createPoolTask(folder: string, index: number): PoolTask {
  const order = `Auftrag ${index}-${word(index)}: 3 Birnen 🍐 für Zoë, "süß" \\ <reif> & 50 %`
  const serial = word(index + 1000)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'order.txt'), `${order}\n`)
  writeFileSync(join(folder, 'serial.txt'), `${serial}\n`)
  const report = join(folder, 'report.md')
  const wanted = reportOf(order, serial.toUpperCase())
  return {
    prompt: `Write report.md about order.txt and serial.txt in ${folder}, and tell me its checksum.`,
    plan: createPlan(folder),
    check: (output) => {
      const written = readIfThere(report)
      const troubles = written === wanted ? [] : [`report.md is ${JSON.stringify(written)}`]
      const sum = createHash('sha256').update(wanted).digest('hex')
      const isTold = output.trimEnd().endsWith(`The checksum is ${sum}.`)
      return isTold ? troubles : [...troubles, `the last words are ${JSON.stringify(output.slice(-200))}`]
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
      {
        name: 'write',
        act: ({ result }) => {
          const order = /Auftrag .*50 %/.exec(result('look'))?.[0] ?? 'unknown'
          const serial = /\b[A-Z]{12}\b/.exec(result('look', 1))?.[0] ?? 'unknown'
          return [{ type: 'write', path: report, content: reportOf(order, serial) }]
        },
      },
      { name: 'sum', act: () => [{ type: 'run', command: `sha256sum '${report}'` }] },
    ],
    finish: ({ result }) => `The checksum is ${/[0-9a-f]{64}/.exec(result('sum'))?.[0] ?? 'unknown'}.`,
  }
}

function reportOf(order: string, serial: string): string {
  return `# Bericht\n\n${order}\nSerie:\t${serial}\n`
}

/** Twelve lower-case letters that belong to a number. */
function word(index: number): string {
  const digest = createHash('sha256').update(`word ${index}`).digest()
  return Array.from(digest.subarray(0, 12), (byte) => String.fromCodePoint(97 + (byte % 26))).join('')
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined // the client did not write it: the caller says so
  }
}
