/** Longer corrections are harder to read than the whole text. */
const LONGEST_SIDE = 40
const FEWEST_WORDS_LEFT = 1

/**
 * What changed between two texts as `s/old/new/`, whole words, when that is short and says without doubt what is meant;
 * otherwise undefined.
 */
export function correctionOf(previous: string, present: string): string | undefined {
  if (/[\n\r]/.test(previous + present)) return undefined
  const before = previous.split(' ')
  const after = present.split(' ')
  const head = sameAtStart(before, after)
  const tail = sameAtStart(before.slice(head).reverse(), after.slice(head).reverse())
  // Something that was only added or only removed is said with a word beside it.
  let [from, to] = [head, tail]
  while (isEmpty(before, from, to) || isEmpty(after, from, to)) {
    if (from > 0) from--
    else if (to > 0) to--
    else return undefined
  }
  const left = from + to
  const old = before.slice(from, before.length - to).join(' ')
  const now = after.slice(from, after.length - to).join(' ')
  if (left < FEWEST_WORDS_LEFT || old === now || old.trim() === '' || now.trim() === '') return undefined
  if (old.length > LONGEST_SIDE || now.length > LONGEST_SIDE) return undefined
  if (/[/\\]/.test(old + now) || previous.split(old).length !== 2) return undefined
  return `s/${old}/${now}/`
}

function sameAtStart(a: string[], b: string[]): number {
  let count = 0
  while (count < a.length && count < b.length && a[count] === b[count]) count++
  return count
}

const isEmpty = (words: string[], from: number, to: number): boolean => words.length - from - to <= 0
