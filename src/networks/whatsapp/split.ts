/** Cuts a text into parts of at most `limit` UTF-16 units, at the end of a line or a word where there is one near. */
export function split(text: string, limit: number): string[] {
  const parts: string[] = []
  let rest = text
  while (rest.length > limit) {
    const near = limit - Math.floor(limit / 8)
    const line = rest.lastIndexOf('\n', limit)
    const word = rest.lastIndexOf(' ', limit)
    const at = line >= near ? line : word >= near ? word : whole(rest, limit)
    const part = rest.slice(0, at).trimEnd()
    if (part !== '') parts.push(part)
    rest = rest.slice(at).replace(/^[ \n]/, '')
  }
  if (rest.trim() !== '') parts.push(rest)
  return parts
}

/** Never between the halves of a surrogate pair. */
function whole(text: string, at: number): number {
  const low = text.charCodeAt(at)
  return low >= 0xdc00 && low <= 0xdfff ? at - 1 : at
}
