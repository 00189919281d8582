import { fillFromSchema } from './fill-from-schema.ts'

/** What the demo says. */
export type DemoContent =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool-call'; readonly name: string; readonly arguments: string }

/** The fields of a Chat request that the demo reads; everything may be missing or wrong. */
export interface DemoRequest {
  readonly messages: readonly unknown[]
  readonly tools?: unknown
  readonly tool_choice?: unknown
  readonly response_format?: unknown
}

const ENGLISH = {
  greeting:
    "Hello! This is Relay's built-in demo account. No model has been asked: this text was written in advance. But your request came the whole way, through your relay key, the account choice, the conversion and the usage record, just as it will with a real upstream. Next, add an account of your own: run `relay init` or `relay account add`, or open the panel at /admin-next. Then remove the demo account.",
  closing:
    "The tool's result has arrived, so the whole loop works: request, tool call, tool result, answer. This is still Relay's built-in demo account and no model has been asked. Next, add an account of your own with `relay init`, `relay account add` or the panel at /admin-next.",
}

const CHINESE = {
  greeting:
    '你好！这里是 Relay 内置的演示账户。没有调用任何模型，这段文字是预先写好的；不过你的请求走完了整条路：中转密钥、账户选择、格式转换和用量记录，与接入真实上游时完全一样。下一步：运行 `relay init` 或 `relay account add`，或打开面板 /admin-next，添加你自己的账户，然后移除演示账户。',
  closing:
    '工具结果已收到，说明整个流程可用：请求、工具调用、工具结果、回答。这仍是 Relay 内置的演示账户，没有调用任何模型。下一步：用 `relay init`、`relay account add` 或面板 /admin-next 添加你自己的账户。',
}

const CJK = /[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]/

/** Decides what to answer: a tool call where tools are offered, a closing text after its result, else a greeting. */
export function composeDemoContent(request: DemoRequest): DemoContent {
  const language = CJK.test(lastUserText(request.messages)) ? CHINESE : ENGLISH
  const schema = field(field(request.response_format, 'json_schema'), 'schema')
  if (schema !== undefined) return { type: 'text', text: JSON.stringify(fillFromSchema(schema)) }
  if (endsWithToolResults(request.messages)) return { type: 'text', text: language.closing }
  const tool = chooseTool(request)
  if (tool === undefined) return { type: 'text', text: language.greeting }
  const filled = fillFromSchema(tool.parameters)
  const isObject = typeof filled === 'object' && filled !== null && !Array.isArray(filled)
  return { type: 'tool-call', name: tool.name, arguments: JSON.stringify(isObject ? filled : {}) }
}

interface DemoTool {
  readonly name: string
  readonly parameters: unknown
}

function chooseTool({ tools, tool_choice: choice }: DemoRequest): DemoTool | undefined {
  if (!Array.isArray(tools) || choice === 'none') return undefined
  const offered = tools.map(readTool).filter((tool) => tool !== undefined)
  const wanted = field(field(choice, 'function'), 'name')
  return offered.find((tool) => tool.name === wanted) ?? offered[0]
}

function readTool(tool: unknown): DemoTool | undefined {
  const definition = field(tool, 'function')
  const name = field(definition, 'name')
  if (typeof name !== 'string') return undefined
  return { name, parameters: field(definition, 'parameters') }
}

/** Clients may put user messages (images, reminders) behind the results; only the last assistant turn counts. */
function endsWithToolResults(messages: readonly unknown[]): boolean {
  const roles = messages.map((message) => field(message, 'role'))
  return roles.slice(roles.lastIndexOf('assistant') + 1).includes('tool')
}

function lastUserText(messages: readonly unknown[]): string {
  const last = messages.findLast((message) => field(message, 'role') === 'user')
  const content = field(last, 'content')
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  const texts = content.map((part) => field(part, 'text'))
  return texts.filter((text) => typeof text === 'string').join('\n')
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.getOwnPropertyDescriptor(value, name)?.value
}
