import type { FormatName } from '../model/format-name.ts'
import { claudeCapabilities, FOREIGN_MESSAGES_MODEL } from './claude-models.ts'
import { isOpenAiModel, openAiCapabilities } from './openai-models.ts'
import { findPreset, plainDialect, PRESET_DEFAULTS } from './presets.ts'
import type { ModelCapabilities, ProfileOverrides, UpstreamProfile } from './profile.ts'

/** Finds out what an upstream and its model accept. */
export interface Profiles {
  /**
   * The profile of a model behind an upstream.
   *
   * Laid over each other, the later one wins: the plain dialect of the format, what the model's name tells, the preset
   * that `base.id` names, `base` itself. Without an id, vendors' own model names choose their preset.
   *
   * @param format - the format that the upstream speaks
   * @param model - the model name as the upstream knows it
   * @param base - an operator's choice of preset and overrides
   */
  resolve(format: FormatName, model: string, base?: ProfileOverrides): UpstreamProfile
}

/** Anthropic's API version from which sampling parameters are refused whatever the model. */
const VERSION_WITHOUT_SAMPLING = '2026-10-21'

export const profiles: Profiles = { resolve: resolveProfile }

function resolveProfile(format: FormatName, model: string, base: ProfileOverrides = {}): UpstreamProfile {
  const id = base.id ?? presetFor(format, model)
  const found = findPreset(id)
  // A vendor may also speak the other format; then only its name is known.
  const preset = found?.format === format || (format === 'openai-responses' && found?.format === 'openai-chat') ? found : undefined
  const dialect = { ...plainDialect(format), ...known(preset?.dialect), ...known(base.dialect) }
  const capabilities = capabilitiesOf(format, model)
  const presetModel = known(preset?.model)
  const refusesSampling = format === 'anthropic-messages' && dialect.anthropicVersion >= VERSION_WITHOUT_SAMPLING
  return {
    id,
    format,
    dialect,
    model: { ...capabilities, ...presetModel, ...(refusesSampling && { sampling: 'rejected' as const }), ...known(base.model) },
    serverTools: base.serverTools ?? preset?.serverTools ?? PRESET_DEFAULTS.serverTools,
    passthrough: base.passthrough ?? preset?.passthrough ?? PRESET_DEFAULTS.passthrough,
  }
}

function presetFor(format: FormatName, model: string): string {
  if (format === 'anthropic-messages') return claudeCapabilities(model) === undefined ? 'generic-anthropic' : 'anthropic'
  return isOpenAiModel(model) ? 'openai' : 'generic-openai'
}

function capabilitiesOf(format: FormatName, model: string): ModelCapabilities {
  if (format !== 'anthropic-messages') return openAiCapabilities(model)
  return claudeCapabilities(model) ?? FOREIGN_MESSAGES_MODEL
}

/** Without members that are `undefined`: they must not hide what lies below. */
function known<Shape extends object>(overrides: Shape | undefined): Partial<Shape> {
  if (overrides === undefined) return {}
  const entries = Object.entries(overrides).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as Partial<Shape> // the same keys and values, some left out
}
