import { chosen } from '../chosen.ts'
import type { FormatName } from '../model/format-name.ts'
import { claudeCapabilities, FOREIGN_MESSAGES_MODEL } from './claude-models.ts'
import { isOpenAiModel, openAiCapabilities, takesBreakpoints } from './openai-models.ts'
import { findPreset, plainDialect, type Preset, PRESET_DEFAULTS } from './presets.ts'
import type { ModelCapabilities, ProfileChoice, ProfileOverrides, UpstreamDialect, UpstreamProfile } from './profile.ts'

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

/** The shipped table of what upstreams and models accept. */
export const profiles: Profiles = { resolve: resolveProfile }

function resolveProfile(format: FormatName, model: string, base: ProfileOverrides = {}): UpstreamProfile {
  const id = base.id ?? presetFor(format, model)
  const preset = presetOf(format, id)
  const variant = format === 'openai-responses' ? chosen(preset.responses) : {}
  const byModel = id === 'openai' && takesBreakpoints(model) ? { explicitCache: true } : {}
  const dialect = {
    ...plainDialect(format),
    ...chosen(preset.dialect),
    ...variant,
    ...byModel,
    ...chosen(base.dialect),
  }
  return {
    ...PRESET_DEFAULTS,
    ...chosen({ serverTools: preset.serverTools, passthrough: preset.passthrough }),
    ...chosen({ serverTools: base.serverTools, passthrough: base.passthrough }),
    id,
    format,
    dialect,
    model: {
      ...capabilitiesOf(format, model),
      ...chosen(preset.model),
      ...versionRules(format, dialect),
      ...chosen(base.model),
    },
  }
}

/** The profile that was chosen; overrides alone are laid over the shipped table. */
export function profileOf(format: FormatName, model: string, choice?: ProfileChoice): UpstreamProfile {
  return choice !== undefined && 'format' in choice ? choice : resolveProfile(format, model, choice)
}

/** A vendor may also speak another format than its preset is for; then only its name is known. */
function presetOf(format: FormatName, id: string): Partial<Preset> {
  const preset = findPreset(id)
  const isOpenAi = format === 'openai-responses' && preset?.format === 'openai-chat'
  if (preset !== undefined && (preset.format === format || isOpenAi)) return preset
  return (format === 'anthropic-messages' ? findPreset('generic-anthropic') : findPreset('generic-openai')) ?? {}
}

function versionRules(format: FormatName, dialect: UpstreamDialect): Partial<ModelCapabilities> {
  const refusesSampling = format === 'anthropic-messages' && dialect.anthropicVersion >= VERSION_WITHOUT_SAMPLING
  return refusesSampling ? { sampling: 'rejected' } : {}
}

function presetFor(format: FormatName, model: string): string {
  if (format === 'anthropic-messages')
    return claudeCapabilities(model) === undefined ? 'generic-anthropic' : 'anthropic'
  return isOpenAiModel(model) ? 'openai' : 'generic-openai'
}

function capabilitiesOf(format: FormatName, model: string): ModelCapabilities {
  if (format !== 'anthropic-messages') return openAiCapabilities(model)
  return claudeCapabilities(model) ?? FOREIGN_MESSAGES_MODEL
}
