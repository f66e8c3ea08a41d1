/** A colour of IRC: a number of the palette (0 to 98), or six hexadecimal digits in lower case. */
export type Colour = number | string

/** mIRC's palette: 16 classic colours, then the extended ones from 16 to 98 (modern.ircdocs.horse/formatting). */
const PALETTE = (
  'ffffff 000000 00007f 009300 ff0000 7f0000 9c009c fc7f00 ffff00 00fc00 009393 00ffff 0000fc ff00ff 7f7f7f d2d2d2 ' +
  '470000 472100 474700 324700 004700 00472c 004747 002747 000047 2e0047 470047 47002a ' +
  '740000 743a00 747400 517400 007400 007449 007474 004074 000074 4b0074 740074 740045 ' +
  'b50000 b56300 b5b500 7db500 00b500 00b571 00b5b5 0063b5 0000b5 7500b5 b500b5 b5006b ' +
  'ff0000 ff8c00 ffff00 b2ff00 00ff00 00ffa0 00ffff 008cff 0000ff a500ff ff00ff ff0098 ' +
  'ff5959 ffb459 ffff71 cfff60 6fff6f 65ffc9 6dffff 59b4ff 5959ff c459ff ff66ff ff59bc ' +
  'ff9c9c ffd39c ffff9c e2ff9c 9cff9c 9cffdb 9cffff 9cd3ff 9c9cff dc9cff ff9cff ff94d3 ' +
  '000000 131313 282828 363636 4d4d4d 656565 818181 9f9f9f bcbcbc e2e2e2 ffffff'
).split(' ')

const CLASSIC = 16

/** The colour names of HTML 4, as `<font color>` has them. */
const NAMES: Readonly<Record<string, string>> = {
  aqua: '00ffff',
  black: '000000',
  blue: '0000ff',
  fuchsia: 'ff00ff',
  gray: '808080',
  green: '008000',
  grey: '808080',
  lime: '00ff00',
  maroon: '800000',
  navy: '000080',
  olive: '808000',
  orange: 'ffa500',
  purple: '800080',
  red: 'ff0000',
  silver: 'c0c0c0',
  teal: '008080',
  white: 'ffffff',
  yellow: 'ffff00',
}

/** Six hexadecimal digits of a colour; black for numbers that the palette does not have. */
export function toHex(colour: Colour | undefined): string {
  return typeof colour === 'string' ? colour : (PALETTE[colour ?? 1] ?? '000000')
}

/** Reads `#rgb`, `#rrggbb` or a name; undefined for whatever else. */
export function readColour(text: string | undefined): string | undefined {
  const value = text?.trim().toLowerCase() ?? ''
  if (Object.hasOwn(NAMES, value)) return NAMES[value]
  const [, digits] = /^#([0-9a-f]{6}|[0-9a-f]{3})$/.exec(value) ?? []
  if (digits === undefined) return undefined
  return digits.length === 3 ? digits.replace(/./g, '$&$&') : digits
}

/** The palette's number for a colour it has exactly, otherwise the nearest of the 16 that every client shows. */
export function toPalette(hex: string): number {
  const exact = PALETTE.indexOf(hex)
  return exact >= 0 ? exact : nearestClassic(hex)
}

export function nearestClassic(hex: string): number {
  let nearest = 1
  let least = Number.POSITIVE_INFINITY
  for (const [index, candidate] of PALETTE.slice(0, CLASSIC).entries()) {
    const distance = distanceBetween(hex, candidate)
    if (distance >= least) continue
    least = distance
    nearest = index
  }
  return nearest
}

/** Squared distance, weighted as eyes are: "redmean". */
function distanceBetween(a: string, b: string): number {
  const [r1, g1, b1] = channels(a)
  const [r2, g2, b2] = channels(b)
  const red = (r1 + r2) / 2
  return (2 + red / 256) * (r1 - r2) ** 2 + 4 * (g1 - g2) ** 2 + (2 + (255 - red) / 256) * (b1 - b2) ** 2
}

function channels(hex: string): [number, number, number] {
  const value = Number.parseInt(hex, 16)
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255]
}
