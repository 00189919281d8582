import { readFileSync } from 'node:fs'

import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'

import type { JsonObject } from '../../src/index.ts'
import type { Loose } from '../../src/testing/loose.ts'
import type { Format } from './pairs.ts'

type Kind = 'Request' | 'Answer' | 'Event'

const PREFIXES: { readonly [Name in Format]: string } = {
  'anthropic-messages': 'Messages',
  'openai-chat': 'Chat',
  'openai-responses': 'Responses',
}

/** Members that Relay writes although the SDK's types do not have them, and why. */
const BEYOND_THE_TYPES: { readonly [Name in Format]: readonly string[] } = {
  // API version 2023-06-01, which the types of SDK 1.x no longer describe; `speed` and MCP servers are betas.
  'anthropic-messages': ['temperature', 'top_p', 'top_k', 'speed', 'mcp_servers'],
  // Fields of compatible servers that clients read: contract 3.1.
  'openai-chat': ['reasoning_content', 'reasoning', 'reasoning_details', 'annotations', 'top_k'],
  // The types of delta events are narrower than those of the parts that they build.
  'openai-responses': ['bytes'],
}

const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false, discriminator: false })
const validators = new Map<string, ValidateFunction>()

/** The JSON schema of the SDK's types of one format, as it was generated into `test/schemas`. */
export function sdkSchema(format: Format): JsonObject {
  return JSON.parse(readFileSync(new URL(`../schemas/${format}.schema.json`, import.meta.url), 'utf8'))
}

function validatorOf(format: Format, kind: Kind): ValidateFunction {
  const name = `${format}#/definitions/${PREFIXES[format]}${kind}`
  const known = validators.get(name)
  if (known !== undefined) return known
  if (ajv.getSchema(format) === undefined) ajv.addSchema({ ...widen(format, sdkSchema(format)), $id: format })
  const made = ajv.compile({ $ref: name })
  validators.set(name, made)
  return made
}

/** The types, and what is written beyond them. */
function widen(format: Format, schema: JsonObject): JsonObject {
  const extras = Object.fromEntries(BEYOND_THE_TYPES[format].map((name) => [name, {}]))
  const widened: Loose = JSON.parse(JSON.stringify(schema), (_key, node) =>
    node?.additionalProperties === false && node.properties !== undefined
      ? { ...node, properties: { ...extras, ...node.properties } }
      : node,
  )
  if (format === 'openai-responses') widenResponses(widened.definitions)
  if (format === 'anthropic-messages') widenMessages(widened.definitions)
  return widened
}

/** Betas, which the plain types leave out: the summary of a conversation, and the tools of an MCP server. */
function widenMessages(definitions: Loose): void {
  definitions.ContentBlockParam.anyOf.push({
    type: 'object',
    properties: { type: { const: 'compaction' }, content: {}, encrypted_content: {} },
    required: ['type', 'content'],
    additionalProperties: false,
  })
  const config = {
    type: 'object',
    properties: { enabled: { type: 'boolean' }, defer_loading: { type: 'boolean' } },
    additionalProperties: false,
  }
  definitions.ToolUnion.anyOf.push({
    type: 'object',
    properties: {
      type: { const: 'mcp_toolset' },
      mcp_server_name: { type: 'string' },
      default_config: config,
      configs: { type: 'object', additionalProperties: config },
    },
    required: ['type', 'mcp_server_name'],
    additionalProperties: false,
  })
}

/** Types of the Responses SDK that are narrower than what its own service says and takes, as recorded exchanges show. */
function widenResponses(definitions: Loose): void {
  const { Response: response, ResponseUsage: usage, ResponseInputText: text } = definitions
  response.properties.store = { type: 'boolean' }
  response.required = response.required.filter((name: string) => name !== 'output_text') // the SDK adds it
  definitions.ResponseUsage = { anyOf: [usage, { type: 'null' }] } // of a response in progress
  definitions.ResponseCustomToolCall.properties.status = { type: 'string' }
  // Earlier answers are sent back without id and status, as Codex does.
  definitions.ResponseInputText = {
    anyOf: [
      { ...text, properties: { ...text.properties, type: { enum: ['input_text', 'output_text'] }, annotations: {} } },
      definitions.ResponseOutputRefusal,
    ],
  }
}

/** What of a body the SDK's types do not allow; empty when it fits. Of a union only the branch of its type is told. */
export function violations(format: Format, kind: Kind, body: unknown): readonly string[] {
  const validate = validatorOf(format, kind)
  if (validate(body)) return []
  const errors = validate.errors ?? []
  const others = new Set(errors.filter(isOfAnotherType).map(({ schemaPath }) => branchOf(schemaPath)))
  const told = errors.filter(({ keyword, schemaPath }) => keyword !== 'anyOf' && !others.has(branchOf(schemaPath)))
  return (told.length === 0 ? errors : told)
    .map(({ instancePath, message, params }) => `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`)
    .slice(0, 6)
}

function isOfAnotherType({ instancePath, keyword }: ErrorObject): boolean {
  return (keyword === 'const' || keyword === 'enum') && instancePath.endsWith('/type')
}

/** `#/definitions/<name>` */
function branchOf(schemaPath: string): string {
  return schemaPath.split('/').slice(0, 3).join('/')
}
