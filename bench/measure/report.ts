import { cpus } from 'node:os'

import { judge, type Goal, type Row } from './result.ts'

const HEAD = ['goal', 'what', 'unit', 'measured', 'baseline', 'ratio', 'rounds', 'goal / reach', '']

/** The results as a markdown table, one line each, further figures below. */
export function toMarkdown(results: readonly Row[]): string {
  const rows = [HEAD, HEAD.map(() => '---'), ...results.map(toRow)]
  return `${rows.map((row) => `| ${row.join(' | ')} |`).join('\n')}\n\n${results.flatMap(toDetails).join('\n')}\n`
}

/** The results with what they were measured on, for comparing runs of one machine. */
export function toJson(results: readonly Row[]): string {
  const machine = { node: process.version, platform: process.platform, cpu: cpus()[0]?.model, cores: cpus().length }
  const judged = results.map((result) => ({ ...result, ...('missing' in result ? {} : { verdict: judge(result) }) }))
  return JSON.stringify({ machine, results: judged }, null, 2)
}

function toRow(result: Row): string[] {
  if ('missing' in result)
    return ['', result.what, result.unit, `${result.missing}: no such function`, '', '', '', '', '']
  const { what, unit, subject, baseline, ratio, spread, goal } = result
  return [
    goal === undefined ? '' : String(goal.number),
    what,
    unit,
    `${subject.name} ${round(subject.value)}`,
    `${baseline.name} ${round(baseline.value)}`,
    round(ratio),
    spread.map(round).join('–'),
    goal === undefined ? '' : describeGoal(goal, unit),
    judge(result),
  ]
}

function describeGoal({ goal, reach, of }: Goal, unit: string): string {
  return of === 'ratio' ? `${goal} × / ${reach} ×` : `${goal} / ${reach} ${unit}`
}

function toDetails(row: Row): string[] {
  if ('missing' in row) return []
  const { what, subject, details = {} } = row
  const figures = Object.entries(details).map(([name, value]) => `${name} ${round(value)}`)
  return figures.length === 0 ? [] : [`- ${what}, ${subject.name}: ${figures.join(', ')}`]
}

/** Three digits that count. */
function round(value: number): string {
  if (!Number.isFinite(value)) return 'unknown'
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.max(Math.abs(value), 1e-9))))
  return value.toFixed(Math.min(digits, 3))
}
