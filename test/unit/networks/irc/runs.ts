/** How often a property is tried: VIADUCT_FUZZ_ITERATIONS when set, otherwise a moderate number. */
export const runs = { numRuns: Number(process.env['VIADUCT_FUZZ_ITERATIONS'] ?? '') || 200 }
