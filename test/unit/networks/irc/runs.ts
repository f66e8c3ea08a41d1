import * as fc from 'fast-check'

/** How often a property is tried: VIADUCT_FUZZ_ITERATIONS when set, otherwise a moderate number. */
export const runs = { numRuns: Number(process.env['VIADUCT_FUZZ_ITERATIONS'] ?? '') || 200 }

const codePoint = fc
  .oneof(
    fc.integer({ min: 0, max: 0x7f }),
    fc.integer({ min: 0x80, max: 0x24f }),
    fc.integer({ min: 0x300, max: 0x36f }),
    fc.integer({ min: 0, max: 0xffff }),
    fc.integer({ min: 0, max: 0x10ffff }),
  )
  .map((code) => String.fromCodePoint(code))

/** Any text: control bytes, combining marks, lone surrogates. */
export const anyText = (maxLength = 20) => fc.string({ unit: codePoint, maxLength })

/** Any text that UTF-8 can say. */
export const wellFormedText = (maxLength = 20) => anyText(maxLength).map((text) => text.toWellFormed())
