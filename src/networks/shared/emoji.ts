const SELECTOR = /\ufe0f/g

/** The same emoji is written with or without U+FE0F; Telegram's lists are without, mostly. */
export const bareEmoji = (emoji: string): string => emoji.replace(SELECTOR, '')

export const isSameEmoji = (a: string, b: string): boolean => bareEmoji(a) === bareEmoji(b)

/** An emoji as Matrix clients and WhatsApp write it: with U+FE0F where the character is text by default (UTS 51). */
export function qualifiedEmoji(emoji: string): string {
  const all = Array.from(bareEmoji(emoji))
  return all
    .map((c, i) => {
      const pictured = /\p{Extended_Pictographic}/u.test(c) && !/\p{Emoji_Presentation}/u.test(c)
      const keycap = /[\d#*]/.test(c) && all[i + 1] === '\u20e3'
      const toned = /\p{Emoji_Modifier}/u.test(all[i + 1] ?? '')
      return (pictured && !toned) || keycap ? `${c}\ufe0f` : c
    })
    .join('')
}

/** Whether a text is one emoji. */
export const isEmoji = (text: string): boolean => /^\p{RGI_Emoji}$/v.test(qualifiedEmoji(text))
