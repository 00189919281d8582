import { ConversionError } from '../conversion-error.ts'
import type { ChatRequest, CustomTool, FunctionTool, Tool } from '../model/chat-request.ts'
import type { ContentPart } from '../model/content-part.ts'
import type { JsonObject } from '../model/json.ts'
import { toWireArguments, type ArgumentShape } from '../wire/argument-text.ts'
import { isMessagesTarget, type AdaptContext } from './adapt-context.ts'
import { renameProperties, shapeOf } from './argument-shape.ts'
import { mapParts } from './map-parts.ts'
import { sanitizeToolSchema, type SchemaPlace } from './sanitize-schema.ts'
import { sanitizeStructuredSchema, satisfiesStrictSubset } from './structured-schema.ts'

/** Free-text tools that may travel as functions: of each the way back has to be known while its answer comes. */
const MAX_BRIDGED = 256

/**
 * Makes every tool, and every call of it in the history, such as the target takes them.
 *
 * @throws ConversionError `overflow` for more free-text tools, or deeper schemas, than anybody means
 */
export function adaptTools(request: ChatRequest, context: AdaptContext): ChatRequest {
  const isBridging = !takesFreeText(context)
  if (isBridging) boundBridges(request.tools)
  const tools = request.tools.map((tool) => adaptTool(tool, request, context))
  const shaped = shapeCalls(request, context)
  const bridged = isBridging ? mapParts(shaped, (part) => wrapFreeText(part)) : shaped
  return { ...bridged, tools }
}

function boundBridges(tools: readonly Tool[]): void {
  const tooMany = tools.filter(({ type }) => type === 'custom')[MAX_BRIDGED]
  if (tooMany === undefined) return
  throw ConversionError.at(
    tooMany.path,
    'overflow',
    `more than ${MAX_BRIDGED} free-text tools cannot travel as functions`,
  )
}

/** Earlier calls are spelled like those that the model is to make. */
function shapeCalls(request: ChatRequest, context: AdaptContext): ChatRequest {
  const shapes = new Map(request.tools.map((tool) => [tool.name, shapeOf(tool, context)]))
  if ([...shapes.values()].every((shape) => shape === undefined)) return request
  return mapParts(request, (part) => {
    const shape = part.type === 'tool-call' && part.form === 'json' ? shapes.get(part.name) : undefined
    if (part.type !== 'tool-call' || shape === undefined) return part
    return { ...part, arguments: toWireArguments(part.arguments, shape) }
  })
}

function adaptTool(tool: Tool, request: ChatRequest, context: AdaptContext): Tool {
  switch (tool.type) {
    case 'server':
      return tool
    case 'custom':
      return takesFreeText(context) ? tool : asFunction(tool, context)
    case 'function':
      if (tool.vendor?.format === context.profile.format) return tool
      return adaptFunction(tool, request, context)
  }
}

function takesFreeText(context: AdaptContext): boolean {
  return !isMessagesTarget(context) && context.profile.dialect.customTools
}

function asFunction(tool: CustomTool, { report }: AdaptContext): FunctionTool {
  report({
    code: 'tool_bridged',
    level: 'info',
    path: tool.path,
    message: 'a free-text tool became a function with one text argument',
  })
  const { grammar } = tool
  const rule =
    grammar === undefined ? undefined : `The input must follow this ${grammar.syntax} grammar:\n${grammar.definition}`
  const description = [tool.description, rule].filter((text) => text !== undefined && text !== '').join('\n\n')
  const hint = grammar === undefined ? 'Raw input.' : "Raw input. It must follow the grammar in the tool's description."
  return {
    type: 'function',
    name: tool.name,
    ...(tool.namespace !== undefined && { namespace: tool.namespace }),
    ...(description !== '' && { description }),
    parameters: {
      type: 'object',
      properties: { input: { type: 'string', description: hint } },
      required: ['input'],
      additionalProperties: false,
    },
    path: tool.path,
  }
}

/** A free-text call goes out in the form of the function that stands for its tool. */
function wrapFreeText(part: ContentPart): ContentPart {
  if (part.type === 'tool-result') return part.form === 'free' ? { ...part, form: 'json' } : part
  if (part.type !== 'tool-call' || part.form !== 'free') return part
  return { ...part, form: 'json', arguments: JSON.stringify({ input: part.arguments }) }
}

function adaptFunction(tool: FunctionTool, request: ChatRequest, context: AdaptContext): FunctionTool {
  const path = `${declarationPath(tool, request)}/${request.format === 'anthropic-messages' ? 'input_schema' : 'parameters'}`
  const shape = shapeOf(tool, context)
  const sanitized = sanitizeToolSchema(tool.parameters, { path, report: context.report })
  const parameters = shape === undefined ? sanitized : shapeSchema(sanitized, shape, { path, report: context.report })
  const plain = describeExamples(withoutVendor(tool), request, context)
  const adapted = { ...plain, parameters: withProperties(parameters, context) }
  const places = { schema: path, strict: `${declarationPath(tool, request)}/strict` }
  return isMessagesTarget(context)
    ? strictForMessages(adapted, places, context)
    : strictForChat(adapted, places, context)
}

/** Chat nests the declaration of a tool; its legacy functions and the other formats do not. */
function declarationPath(tool: FunctionTool, request: ChatRequest): string {
  return request.format === 'openai-chat' && tool.path.startsWith('/tools/') ? `${tool.path}/function` : tool.path
}

/** JSON Pointers of a tool's members in the client's body. */
interface ToolPlaces {
  readonly schema: string
  readonly strict: string
}

function shapeSchema(parameters: JsonObject, shape: ArgumentShape, { path, report }: SchemaPlace): JsonObject {
  if (shape.keys.length === 0) return parameters
  const message = 'properties whose names the target refuses go by others; calls get their own names back'
  report({ code: 'schema_sanitized', level: 'repaired', path, message })
  return renameProperties(parameters, shape)
}

function withoutVendor(tool: FunctionTool): FunctionTool {
  const { vendor, ...bare } = tool
  return vendor === undefined ? tool : bare
}

/** OpenAI refuses object schemas that name no properties. */
function withProperties(
  schema: NonNullable<FunctionTool['parameters']>,
  context: AdaptContext,
): NonNullable<FunctionTool['parameters']> {
  return isMessagesTarget(context) || Object.hasOwn(schema, 'properties') ? schema : { ...schema, properties: {} }
}

function describeExamples(
  tool: FunctionTool,
  request: ChatRequest,
  { profile, options, report }: AdaptContext,
): FunctionTool {
  const { examples, ...bare } = tool
  if (examples === undefined || request.format === profile.format) return tool
  const path = `${tool.path}/input_examples`
  if (!options.toolExamplesInDescription || examples.length === 0) {
    report({ code: 'param_unsupported', level: 'lossy', path, message: 'the target takes no examples of tool inputs' })
    return bare
  }
  report({
    code: 'param_unsupported',
    level: 'degraded',
    path,
    message: 'examples of tool inputs became part of the description',
  })
  const lines = ['Examples:', ...examples.map((example) => JSON.stringify(example))].join('\n')
  return { ...bare, description: tool.description === undefined ? lines : `${tool.description}\n\n${lines}` }
}

/** OpenAI checks strict schemas and refuses those outside its subset; changing them would change the arguments. */
function strictForChat(tool: FunctionTool, places: ToolPlaces, { profile, report }: AdaptContext): FunctionTool {
  if (tool.strict !== true) return tool
  const isAccepted =
    profile.dialect.strictTools && tool.parameters !== undefined && satisfiesStrictSubset(tool.parameters)
  if (isAccepted) return tool
  report({
    code: 'strict_dropped',
    level: 'degraded',
    path: places.strict,
    message: 'the schema is outside of what the target enforces strictly',
  })
  return { ...tool, strict: false }
}

function strictForMessages(tool: FunctionTool, places: ToolPlaces, { profile, report }: AdaptContext): FunctionTool {
  const { strict, ...bare } = tool
  if (strict !== true) return strict === undefined ? tool : bare
  if (profile.dialect.strictTools && profile.model.structuredOutput && tool.parameters !== undefined) {
    return { ...tool, parameters: sanitizeStructuredSchema(tool.parameters, { path: places.schema, report }) }
  }
  report({
    code: 'strict_dropped',
    level: 'degraded',
    path: places.strict,
    message: 'the target does not enforce tool schemas',
  })
  return bare
}
