import { parse } from 'yaml'
import type { Registration } from './types.ts'
import { isContent, text } from './types.ts'

/** Reads an appservice's registration file (Application Service API, "Registration"). Throws if a key is missing. */
export function parseRegistration(yaml: string): Registration {
  const file: unknown = parse(yaml)
  if (!isContent(file)) throw new Error('the registration is not a map')
  const required = (key: string): string => {
    const value = text(file, key)
    if (value === undefined) throw new Error(`the registration has no ${key}`)
    return value
  }
  const regexes = (kind: string): string[] => {
    const namespaces = isContent(file['namespaces']) ? file['namespaces'][kind] : undefined
    const entries = Array.isArray(namespaces) ? namespaces.filter(isContent) : []
    return entries.map((entry) => text(entry, 'regex')).filter((regex) => regex !== undefined)
  }
  return {
    id: required('id'),
    url: text(file, 'url') ?? null,
    asToken: required('as_token'),
    hsToken: required('hs_token'),
    senderLocalpart: required('sender_localpart'),
    userRegexes: regexes('users'),
    aliasRegexes: regexes('aliases'),
  }
}
