import { readFileSync, writeFileSync } from 'node:fs'

import { FORMATS, others, type Format } from '../support/pairs.ts'
import { ENVELOPE, measureAnswers, type AnswerRow } from './measure-answers.ts'
import { measureRequests, type RequestRow } from './measure-requests.ts'
import type { Outcome } from './outcome.ts'

/** The matrix as it ships: what becomes of every field in every direction. */
export interface Fidelity {
  readonly version: 1
  readonly requests: { readonly [Client in Format]: readonly RequestRow[] }
  readonly answers: { readonly [Upstream in Format]: readonly AnswerRow[] }
}

const JSON_FILE = new URL('../../fidelity.json', import.meta.url)
const PAGE_FILE = new URL('../../../../docs/formats/fidelity.md', import.meta.url)

/** The two files, from conversions made now. */
export function renderFidelity(): readonly { readonly file: URL; readonly text: string }[] {
  const fidelity = measure()
  return [
    { file: JSON_FILE, text: renderJson(fidelity) },
    { file: PAGE_FILE, text: renderPage(fidelity) },
  ]
}

export function writeFidelity(): void {
  for (const { file, text } of renderFidelity()) writeFileSync(file, text)
}

/** What is checked in. */
export function readFidelity(file: URL): string {
  return readFileSync(file, 'utf8')
}

function measure(): Fidelity {
  return { version: 1, requests: byFormat(measureRequests), answers: byFormat(measureAnswers) }
}

function byFormat<Row>(rows: (format: Format) => readonly Row[]): { readonly [Name in Format]: readonly Row[] } {
  return {
    'anthropic-messages': rows('anthropic-messages'),
    'openai-chat': rows('openai-chat'),
    'openai-responses': rows('openai-responses'),
  }
}

/** One field a line, so that a change can be read. */
function renderJson({ version, requests, answers }: Fidelity): string {
  const lists = (rows: Fidelity['requests'] | Fidelity['answers']): string =>
    FORMATS.map(
      (format) => `    "${format}": [\n${rows[format].map((row) => `      ${JSON.stringify(row)}`).join(',\n')}\n    ]`,
    ).join(',\n')
  return `{\n  "version": ${version},\n  "requests": {\n${lists(requests)}\n  },\n  "answers": {\n${lists(answers)}\n  }\n}\n`
}

const TITLES: { readonly [Name in Format]: string } = {
  'anthropic-messages': 'Messages',
  'openai-chat': 'Chat',
  'openai-responses': 'Responses',
}

const INTRODUCTION = `# What survives a conversion

This page is written by \`pnpm fidelity\` from conversions that are really made: every field that the vendors' SDKs have a
type for is converted with and without its value, and what is written, and what is reported, tells what became of it. A test
fails when the page is not up to date. The same as data: \`@relay/format-converter/fidelity.json\`.

| word | meaning |
| --- | --- |
| kept | the value arrives as it was |
| equivalent | its meaning arrives, in other words, or it says what is the case anyway |
| degraded | its meaning arrives weakened; reported by the code |
| lost | it does not arrive; reported by the code. *No effect* stands where nothing depends on it |
| refused | the request is answered with an error that names the field |

Between the same format nothing is converted: bytes pass as they came. Targets are the vendors' own services with a model
that takes everything; what a single model or a compatible server refuses comes on top, and is reported likewise.
`

function renderPage(fidelity: Fidelity): string {
  const requests = FORMATS.map((format) => requestSection(format, fidelity.requests[format]))
  const answers = FORMATS.map((format) => answerSection(format, fidelity.answers[format]))
  const envelope = `The envelope is Relay's own in every direction: \`${ENVELOPE.join('`, `')}\` and ids of answers and items.`
  return [INTRODUCTION, '## Requests\n', ...requests, '## Answers\n', `${envelope}\n`, ...answers].join('\n')
}

function requestSection(client: Format, rows: readonly RequestRow[]): string {
  const targets = others(client)
  const head = ['field', ...targets.map((target) => `to ${TITLES[target]}`)]
  const sections = groupsOf(rows).map(([group, members]) => {
    const cells = members.map(({ field, to }) => [`\`${field}\``, ...targets.map((target) => word(to[target]))])
    return `#### ${TITLES[client]}: ${group}\n\n${table(head, cells)}`
  })
  return `### Requests of ${TITLES[client]} clients\n\n${sections.join('\n')}`
}

function answerSection(upstream: Format, rows: readonly AnswerRow[]): string {
  const clients = others(upstream)
  const head = ['field', ...clients.flatMap((client) => [`to ${TITLES[client]}, whole`, 'streamed'])]
  const cells = rows.map(({ field, to }) => [
    `\`${field}\``,
    ...clients.flatMap((client) => [word(to[client]?.whole), word(to[client]?.stream)]),
  ])
  return `### Answers of ${TITLES[upstream]} upstreams\n\n${table(head, cells)}`
}

/** Fields by what they belong to: parameters first, then messages, then tools. */
function groupsOf(rows: readonly RequestRow[]): readonly (readonly [string, readonly RequestRow[]])[] {
  const groups = new Map<string, RequestRow[]>([['parameters', []]])
  for (const row of rows) {
    const group = groupOf(row.field)
    groups.set(group, [...(groups.get(group) ?? []), row])
  }
  return [...groups]
}

function groupOf(field: string): string {
  const [top = ''] = field.split(/[.[]/, 1)
  return ['messages', 'input', 'tools', 'tool_choice', 'system', 'mcp_servers', 'context_management'].includes(top) &&
    field !== top
    ? `\`${top}\``
    : 'parameters'
}

function word(outcome: Outcome | undefined): string {
  if (outcome === undefined) return ''
  const { outcome: verdict, code, level } = outcome
  const told = code === undefined ? '' : ` \`${code}\``
  return verdict === 'lost' && level === 'info' ? `lost, no effect${told}` : verdict + told
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return `${[head, head.map(() => '---'), ...rows].map(lineOf).join('\n')}\n`
}

function lineOf(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}
