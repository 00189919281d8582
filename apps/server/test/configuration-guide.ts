import * as z from 'zod'

import { configFileSchema } from '../src/config/config-file-schema.ts'
import { type Setting, settings } from '../src/config/settings.ts'
import { MEANINGS_IN_CHINESE } from './configuration-meanings.ts'

/** The words around the tables of the guide. */
interface Words {
  readonly title: string
  readonly environment: string
  readonly head: readonly [name: string, meaning: string, fallback: string]
  readonly none: string
  readonly file: string
  readonly fileHead: readonly [path: string, value: string]
  meaningOf(setting: Setting<unknown>): string
}

const ENGLISH: Words = {
  title: 'Configuration',
  environment:
    'Written from the code by `pnpm configuration-guide`; a test fails when it is stale. Relay reads these environment variables; an empty one counts as not set. A secret may lie in a file instead: add `_FILE` to its name and give the path.',
  head: ['variable', 'meaning', 'default'],
  none: 'none',
  file: 'A file declares accounts, keys and more for an unattended set-up: `./relay.config.json`, or what `RELAY_CONFIG` or `--config` names. It is applied at each start and may hold comments and trailing commas. `${NAME}` reads the environment. What left the file is disabled, and what the operator made elsewhere stays as it is. Mistakes are named by their path, all at once. These are its fields; `[]` stands for each entry of a list, `*` for any name. Without a file, accounts, keys, owners, teams, rules and routing are set in the panel, or with `relay account`, `key`, `owner`, `team`, `rules` and `routing`.',
  fileHead: ['field', 'value'],
  meaningOf: ({ meaning }) => meaning,
}

const CHINESE: Words = {
  title: '配置',
  environment:
    '本页由 `pnpm configuration-guide` 根据代码生成，过期时测试会失败。Relay 读取以下环境变量；空值等于未设置。机密可以放在文件中：在变量名后加 `_FILE` 并给出路径。',
  head: ['变量', '含义', '默认值'],
  none: '无',
  file: '可以用一个文件声明账户、密钥等，实现无人值守的部署：`./relay.config.json`，或由 `RELAY_CONFIG`、`--config` 指定。每次启动时应用，允许注释和行尾多余的逗号。`${NAME}` 读取环境变量。从文件中移除的对象会被停用，操作员在别处创建的对象保持不变。错误会一次性按路径列出。以下是所有字段；`[]` 表示列表中的每一项，`*` 表示任意名称。不使用文件时，账户、密钥、所有者、团队、规则和路由可以在面板中设置，也可以用 `relay account`、`key`、`owner`、`team`、`rules` 和 `routing` 命令设置。',
  fileHead: ['字段', '值'],
  meaningOf: ({ name }) => MEANINGS_IN_CHINESE[name] ?? `(!) ${name}`,
}

/** The guide to the configuration, made of the tables that the code itself reads. */
export function writeConfigurationGuide(language: 'en' | 'zh'): string {
  const words = language === 'en' ? ENGLISH : CHINESE
  const rows = Object.values<Setting<unknown>>(settings).map((setting) => [
    `\`${setting.name}\``,
    words.meaningOf(setting),
    setting.fallback === undefined || setting.fallback === '' ? words.none : `\`${setting.fallback}\``,
  ])
  const schema = z.toJSONSchema(configFileSchema, { io: 'input', unrepresentable: 'any' })
  const fields = listFields(schema, '').map(([path, value]) => [`\`${path}\``, value])
  return [
    `# ${words.title}`,
    words.environment,
    table(words.head, rows),
    '## `relay.config.json`',
    words.file,
    table(words.fileHead, fields),
    '',
  ]
    .join('\n\n')
    .trimEnd()
    .concat('\n')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows]
  return lines.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n')
}

/** The part of a JSON schema that is looked at here. */
interface Schema {
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema | boolean
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly minimum?: number
  readonly maximum?: number
}

/** So many codes of losses would hide the table. */
const MANY_CHOICES = 20

function listFields(schema: object, path: string): readonly (readonly [path: string, value: string])[] {
  const { properties, items, additionalProperties } = schema as Schema
  if (properties !== undefined) {
    return Object.entries(properties).flatMap(([name, part]) =>
      listFields(part, path === '' ? name : `${path}.${name}`),
    )
  }
  if (items?.properties !== undefined) return listFields(items, `${path}[]`)
  if (typeof additionalProperties === 'object' && additionalProperties.properties !== undefined) {
    return listFields(additionalProperties, `${path}.*`)
  }
  return [[path, describeValue(schema)]]
}

function describeValue(schema: object): string {
  const { anyOf, oneOf, items, additionalProperties } = schema as Schema
  const alternatives = anyOf ?? oneOf
  if (alternatives !== undefined) return [...new Set(alternatives.map(describeValue))].join(' or ')
  if (items !== undefined) return `list of ${describeValue(items)}`
  if (typeof additionalProperties === 'object') return `object of ${describeValue(additionalProperties)}`
  return describeScalar(schema)
}

function describeScalar({ type, enum: choices, const: only, minimum }: Schema): string {
  if (typeof only === 'string' || typeof only === 'number') return `\`${only}\``
  if (choices !== undefined && choices.length > MANY_CHOICES) return 'a code of the fidelity matrix'
  if (choices !== undefined) return choices.map((choice) => `\`${String(choice)}\``).join(', ')
  if (type === 'integer') return minimum === 0 ? 'whole number from 0' : 'whole number'
  return typeof type === 'string' ? type : 'any JSON'
}
