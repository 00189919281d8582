import type { AccountInput } from '@relay/account-store'
import { StoreError } from '@relay/account-store'
import { errorClasses } from '@relay/upstreams'

import { accountTrouble } from '../config/account-trouble.ts'
import { profileTroubles } from '../config/profile-troubles.ts'
import { ruleTroubles } from '../config/rule-troubles.ts'

type Entered = Pick<
  AccountInput,
  'name' | 'type' | 'baseUrl' | 'formatBaseUrls' | 'apiFormat' | 'responseFormat' | 'profile' | 'rules' | 'errorClasses'
>

/**
 * Refuses what the store cannot know to be wrong: an address that cannot be called, flags and rules that do not exist.
 *
 * @throws StoreError `invalid-input`, naming the field
 */
export function checkAccount({
  profile,
  rules,
  name,
  type,
  baseUrl,
  formatBaseUrls,
  apiFormat,
  responseFormat,
  errorClasses: errorRules,
}: Entered): void {
  const trouble = accountTrouble({ name, type, baseUrl, formatBaseUrls, apiFormat, responseFormat })
  if (trouble !== undefined) throw refusal(trouble.field, trouble.message)
  const [wrongFlag] = profileTroubles(profile ?? {})
  if (wrongFlag !== undefined) throw refusal(['profile', ...wrongFlag.path].join('.'), wrongFlag.message)
  const [wrongRule] = ruleTroubles(rules ?? {})
  if (wrongRule !== undefined) throw refusal(['rules', ...wrongRule.path].join('.'), wrongRule.message)
  const unknown = errorRules?.findIndex((rule) => !Object.hasOwn(errorClasses, rule.class)) ?? -1
  if (unknown !== -1)
    throw refusal(`errorClasses[${unknown}].class`, `must be one of ${Object.keys(errorClasses).join(', ')}`)
}

function refusal(field: string, message: string): StoreError {
  return new StoreError('invalid-input', `${field} ${message}`)
}
