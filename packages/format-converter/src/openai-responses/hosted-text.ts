import type { JsonObject, JsonValue } from '../model/json.ts'
import { isJsonObject } from '../model/json.ts'
import { objectsOf, stringOf } from '../wire/loose.ts'

/** Most characters of a readable stand-in. */
const MAX_TEXT = 4_000

/**
 * A call of a tool that the vendor ran, as text for other formats: what was asked, and what came back where it is text.
 *
 * @returns `undefined` when nothing of it can be read
 */
export function hostedText(item: JsonObject): string | undefined {
  const text = describe(item)
  if (text === undefined || text.length <= MAX_TEXT) return text
  return `${text.slice(0, MAX_TEXT - 2)}…]`
}

function describe(item: JsonObject): string | undefined {
  switch (item['type']) {
    case 'web_search_call':
      return searchText(item['action'])
    case 'file_search_call':
      return `[file_search ${quoted(item['queries'])}: ${resultTexts(item['results'])}]`
    case 'code_interpreter_call':
      return `[code_interpreter]\n${stringOf(item['code'])}${outputTexts(item['outputs'])}`
    case 'mcp_call':
      return `[${stringOf(item['server_label'])} ${stringOf(item['name'])} ${stringOf(item['arguments'])}: ${stringOf(item['output']) || 'no output'}]`
    case 'mcp_approval_request':
      return `[approval asked for ${stringOf(item['server_label'])} ${stringOf(item['name'])}]`
    case 'mcp_approval_response':
      return item['approve'] === true ? '[approval given]' : '[approval refused]'
    case 'program':
      return `[program]\n${stringOf(item['code'])}`
    case 'program_output':
      return `[program output]\n${stringOf(item['result'])}`
    case 'shell_call':
      return `[shell ${quoted(isJsonObject(item['action']) ? item['action']['commands'] : undefined)}]`
    case 'shell_call_output':
      return `[shell output]\n${objectsOf(item['output'])
        .map((entry) => stringOf(entry['stdout']) + stringOf(entry['stderr']))
        .join('\n')}`
    default:
      return undefined // pictures, screens and lists of tools: nothing that text could stand for
  }
}

function searchText(action: JsonValue | undefined): string {
  if (!isJsonObject(action)) return '[web_search]'
  if (action['type'] === 'open_page') return `[web page opened: ${stringOf(action['url'])}]`
  if (action['type'] === 'find_in_page')
    return `[web page searched for "${stringOf(action['pattern'])}": ${stringOf(action['url'])}]`
  const sources = objectsOf(action['sources']).map((source) => stringOf(source['url']))
  const found = sources.length === 0 ? '' : `: ${sources.length} results: ${sources.join(', ')}`
  return `[web_search ${quoted(action['queries']) || `"${stringOf(action['query'])}"`}${found}]`
}

function quoted(values: JsonValue | undefined): string {
  return Array.isArray(values) ? values.map((value: JsonValue) => `"${stringOf(value)}"`).join(', ') : ''
}

function resultTexts(results: JsonValue | undefined): string {
  const texts = objectsOf(results).map((result) => `${stringOf(result['filename'])}: ${stringOf(result['text'])}`)
  return texts.length === 0 ? 'no results shown' : texts.join('\n')
}

function outputTexts(outputs: JsonValue | undefined): string {
  const logs = objectsOf(outputs).map((output) => stringOf(output['logs']))
  return logs.some((log) => log !== '') ? `\n[output]\n${logs.join('\n')}` : ''
}
