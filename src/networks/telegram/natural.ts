/** A whole number from 1 in its one decimal spelling; undefined for every other text. */
export function natural(text: string): number | undefined {
  const number = Number(text)
  return /^[1-9]\d{0,15}$/.test(text) && Number.isSafeInteger(number) ? number : undefined
}
