/** What a layer's summary leaves open before calibration. */
export const UNCALIBRATED = {
  weightScale: [],
  inputScale: null,
  inputZeroPoint: null,
  outputScale: null,
  outputZeroPoint: null,
} as const;
