import type { LinkPreview } from '../model/content.ts'
import { cutText } from './cut.ts'
import { arrayAt, isObject, stringAt } from './untrusted.ts'
import type { Json } from './untrusted.ts'

const PREVIEWS = 'com.beeper.linkpreviews'
const MOST = 10

/** MSC4095: what the sender's client shows beside links. An empty list says that nothing is to be shown. */
export function readPreviews(json: Json): { previews?: LinkPreview[] } {
  const all = arrayAt(json, PREVIEWS)
  if (!Array.isArray(json[PREVIEWS])) return {}
  return { previews: all.slice(0, MOST).flatMap((each) => (isObject(each) ? readPreview(each) : [])) }
}

function readPreview(json: Json): LinkPreview[] {
  const url = stringAt(json, 'matched_url') ?? stringAt(json, 'og:url') ?? ''
  if (url === '') return []
  const field = (key: string) => cutText((stringAt(json, key) ?? '').trim(), 300)
  const [title, description, siteName] = [field('og:title'), field('og:description'), field('og:site_name')]
  return [
    {
      url: url.slice(0, 2_000),
      ...(title !== '' && { title }),
      ...(description !== '' && { description }),
      ...(siteName !== '' && { siteName }),
    },
  ]
}

/** The way back of `readPreviews`, so that nobody's homeserver has to ask the site. */
export const writePreviews = (previews: readonly LinkPreview[] | undefined): Json =>
  previews === undefined ? {} : { [PREVIEWS]: previews.map(written) }

function written({ url, title, description, siteName }: LinkPreview): Json {
  const fields = { 'og:title': title, 'og:description': description, 'og:site_name': siteName }
  const known = Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined)
  const cut = known.map(([key, value]): [string, string] => [key, cutText(value, 300)])
  return { matched_url: url.slice(0, 2_000), 'og:url': url.slice(0, 2_000), ...Object.fromEntries(cut) }
}
