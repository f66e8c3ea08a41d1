/** From a fast machine to a network that is away for an hour. */
export const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600]

export const BYTES = [1_000, 10_000, 100_000, 1_000_000, 10_000_000, 64_000_000]
