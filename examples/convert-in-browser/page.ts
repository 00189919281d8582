/** Runs in the browser: converts what is typed, and lists what the target cannot carry. */
import { convertRequest, ConversionError, type FormatName } from '@relay/format-converter'

const FORMATS: readonly FormatName[] = ['anthropic-messages', 'openai-chat', 'openai-responses']

const SAMPLE = {
  model: 'gpt-5.2',
  max_tokens: 500,
  top_k: 40,
  system: 'Be brief.',
  messages: [{ role: 'user', content: 'What is a relay?' }],
}

const from = select('from', 'anthropic-messages')
const to = select('to', 'openai-chat')
const body = part('body', HTMLTextAreaElement)
body.value = JSON.stringify(SAMPLE, undefined, 2)
for (const input of [from, to, body]) input.addEventListener('input', convert)
convert()

function convert(): void {
  try {
    const names = { from: from.value as FormatName, to: to.value as FormatName } // the options are format names
    const result = convertRequest({ ...names, body: JSON.parse(body.value) as unknown })
    const losses = result.losses.map(({ level, path, message }) => `${level} ${path}: ${message}`)
    show(JSON.stringify(result.body, undefined, 2), losses)
  } catch (error) {
    show(ConversionError.is(error) ? `${error.param ?? ''} ${error.message}` : String(error), [])
  }
}

function show(text: string, losses: readonly string[]): void {
  part('converted', HTMLPreElement).textContent = text
  const items = losses.map((loss) => Object.assign(document.createElement('li'), { textContent: loss }))
  part('losses', HTMLUListElement).replaceChildren(...items)
}

function select(id: string, chosen: FormatName): HTMLSelectElement {
  const element = part(id, HTMLSelectElement)
  for (const format of FORMATS) element.add(new Option(format, format, false, format === chosen))
  return element
}

/** A part of the page, by its id. */
function part<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const element = document.querySelector(`#${id}`)
  if (element instanceof kind) return element
  throw new Error(`the page has no ${kind.name} #${id}`)
}
