import { isIPv6 } from 'node:net'
import { z } from 'zod'
import { DURATION_HINT, parseDuration, parseSize, SIZE_HINT } from './units.ts'

/** Words for what a key wants; the same for a wrong type, a wrong form and an absence. */
const wants = (what: string) => ({ error: () => `expected ${what}` })

export const text = (what = 'a text') => z.string(wants(what)).min(1, wants(what))

export const matching = (pattern: RegExp, what: string) => z.string(wants(what)).regex(pattern, wants(what))

export const flag = () => z.boolean(wants('true or false'))

export const choice = <const T extends readonly string[]>(...values: T) =>
  z.enum(values, wants(`one of ${values.join(', ')}`))

export const integer = (min: number, max: number) => {
  const what = `a whole number from ${min} to ${max}`
  return z.int(wants(what)).min(min, wants(what)).max(max, wants(what))
}

export const positive = () => {
  const what = 'a number greater than 0'
  return z.number(wants(what)).positive(wants(what))
}

export const port = () => integer(0, 65_535)

/** A duration in words; its value is milliseconds. */
export const duration = () => measured(DURATION_HINT, parseDuration)

/** A size in words; its value is bytes. */
export const size = () => measured(SIZE_HINT, parseSize)

export const listen = () =>
  z.strictObject({ host: text('an address, such as 127.0.0.1 or 0.0.0.0'), port: port() })

/** An address of the web, without a slash at its end. */
export const webUrl = (example: string) => {
  const what = `an http or https URL, such as ${example}`
  return z
    .string(wants(what))
    .refine((value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol), wants(what))
    .transform((value) => value.replace(/\/+$/, ''))
}

export const postgresUrl = () => {
  const what = 'a PostgreSQL URL, such as postgresql://user@host:5432/viaduct'
  return z
    .string(wants(what))
    .refine((value) => /^postgres(?:ql)?:\/\//.test(value) && URL.canParse(value), wants(what))
}

export const ipv6Prefix = () => {
  const what = 'an IPv6 network, such as 2001:db8:1:2::/64'
  return z.string(wants(what)).refine((value) => {
    const [, address, bits] = /^([^/]+)\/(\d{1,3})$/.exec(value) ?? []
    return address !== undefined && isIPv6(address) && Number(bits) >= 16 && Number(bits) <= 120
  }, wants(what))
}

/** A text in which `{words}` are replaced; `needs` is one of them that must be there. */
export const template = (known: readonly string[], needs: readonly string[]) => {
  const list = (words: readonly string[]) => words.map((word) => `{${word}}`).join(', ')
  const what = `a text with ${needs.length > 1 ? 'at least one of ' : ''}${list(needs)}; known are ${list(known)}`
  return z.string(wants(what)).refine((value) => {
    const used = [...value.matchAll(/\{([^{}]*)\}/g)].map((match) => match[1] ?? '')
    return (
      used.every((word) => known.includes(word)) &&
      (needs.length === 0 || needs.some((word) => used.includes(word)))
    )
  }, wants(what))
}

function measured(what: string, parse: (value: string) => number | undefined) {
  return z.string(wants(what)).transform((value, context) => {
    const amount = parse(value)
    if (amount !== undefined) return amount
    context.addIssue({ code: 'custom', message: `expected ${what}` })
    return z.NEVER
  })
}
